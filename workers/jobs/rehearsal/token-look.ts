/** How a broker's token stands, by what is on the disk and the time. */
import { statSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { readDhanToken, readKiteToken } from '../../../lib/auth/tokens.ts';
import type { Config } from '../../../lib/config/config.ts';
import type { Broker } from '../../../lib/core/feeds.ts';
import { addDays, formatIstDate, istTimeUs } from '../../../lib/core/ist.ts';

export interface TokenLook {
  readonly state: 'valid' | 'expiring' | 'expired' | 'missing' | 'damaged';
  /** In words, for a person. */
  readonly detail: string;
  /** Null where the end is not known, or there is no token. */
  readonly expiresMs: number | null;
  /** Minutes before the end at which a warning is due now; null where none is. */
  readonly warning: 60 | 15 | null;
}

const NAMES: Readonly<Record<Broker, string>> = { kite: 'Kite', dhan: 'Dhan' };
const WARN_MS = 60 * 60_000;
const WARN_AGAIN_MS = 15 * 60_000;

export function tokenLook(broker: Broker, { tokenDir }: Pick<Config, 'tokenDir'>, nowMs: number): TokenLook {
  const answer = broker === 'kite' ? readKiteToken(tokenDir) : readDhanToken(tokenDir);
  if ('missing' in answer) return { state: 'missing', detail: answer.missing, expiresMs: null, warning: null };
  const expiresMs =
    broker === 'kite'
      ? nextSixMs(statSync(path.join(tokenDir, 'access_token.txt')).mtimeMs)
      : expiryOfJwt((answer.token as { accessToken: string }).accessToken);
  const name = NAMES[broker];
  if (expiresMs === null) {
    return { state: 'valid', detail: `the ${name} token does not say when it ends`, expiresMs, warning: null };
  }
  const end = `${new Date(expiresMs + 19_800_000).toISOString().slice(0, 16).replace('T', ' ')} IST`;
  const leftMs = expiresMs - nowMs;
  if (leftMs <= 0) {
    return { state: 'expired', detail: `the ${name} token ended at ${end}: log in again`, expiresMs, warning: null };
  }
  const warning = leftMs <= WARN_AGAIN_MS ? 15 : leftMs <= WARN_MS ? 60 : null;
  const state = warning === null ? 'valid' : 'expiring';
  return { state, detail: `the ${name} token is good until ${end}`, expiresMs, warning };
}

/** Kite ends every token at 06:00 IST (kite.trade/docs/connect/v3/user). */
function nextSixMs(loginMs: number): number {
  const date = formatIstDate(loginMs * 1000);
  const sixMs = istTimeUs(date, '06:00') / 1000;
  return loginMs < sixMs ? sixMs : istTimeUs(addDays(date, 1), '06:00') / 1000;
}

const claims = z.object({ exp: z.number() });

function expiryOfJwt(token: string): number | null {
  try {
    const payload = Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8');
    return claims.parse(JSON.parse(payload)).exp * 1000;
  } catch {
    // No JWT, or one without an end: the broker alone knows.
    return null;
  }
}
