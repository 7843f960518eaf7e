/** Who may connect, and until when. The brokers' logins (logins.ts) put their tokens in here. */
import { nextIstTime } from '../lib/core/ist.ts';

/** Credentials of the demonstration: fixed, so that a configuration can hold them, and worthless anywhere else. */
export const DEMO = {
  kite: { apiKey: 'demo', apiSecret: 'demo-kite-secret', accessToken: 'demo' },
  dhan: { clientId: '1000000001', apiKey: 'demo-dhan-key', apiSecret: 'demo-dhan-secret' },
} as const;

export type DhanTokenType = 'SELF' | 'APP';

/** Claims as Dhan's own tokens carry them. */
export interface DhanClaims {
  readonly iss: 'dhan';
  readonly partnerId: string;
  /** Seconds since the epoch. */
  readonly exp: number;
  readonly iat: number;
  readonly tokenConsumerType: DhanTokenType;
  readonly webhookUrl: string;
  readonly dhanClientId: string;
}

const base64url = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A token that looks like Dhan's and can be decoded like one; nobody's key signed it. */
export function dhanToken(clientId: string, type: DhanTokenType, iat: number, exp: number): string {
  const claims: DhanClaims = {
    iss: 'dhan',
    partnerId: '',
    exp,
    iat,
    tokenConsumerType: type,
    webhookUrl: '',
    dhanClientId: clientId,
  };
  return `${base64url({ typ: 'JWT', alg: 'HS512' })}.${base64url(claims)}.${Buffer.from('simulated').toString('base64url')}`;
}

/** Valid from 2026 until 2100, so that no demonstration ever ends for its age. */
export const DEMO_DHAN_TOKEN = dhanToken(DEMO.dhan.clientId, 'SELF', 1_767_205_800, 4_102_425_000);

/** The type a token claims; null where it cannot be decoded. */
export function dhanTokenType(token: string): DhanTokenType | null {
  const part = token.split('.')[1];
  if (part === undefined) return null;
  try {
    const claims = JSON.parse(Buffer.from(part, 'base64url').toString('utf8')) as Partial<DhanClaims>;
    return claims.tokenConsumerType === 'SELF' || claims.tokenConsumerType === 'APP' ? claims.tokenConsumerType : null;
  } catch {
    // Not JSON: some other string was put in the token's place.
    return null;
  }
}

/** Kite ends every token at 06:00 IST, ms after midnight. */
const KITE_ENDS_MS = 6 * 3_600_000;
/** Tokens of the demonstration, and those that a test declares, end when they are told to. */
const NEVER = Number.POSITIVE_INFINITY;

interface KiteToken {
  readonly apiKey: string;
  readonly accessToken: string;
  readonly userId: string;
  /** Ms of the exchange's time. */
  expiresMs: number;
  /** Made by a login, not declared. */
  readonly byLogin: boolean;
}

interface DhanTokenRecord {
  readonly clientId: string;
  expiresMs: number;
  /** Another login has taken its place. */
  replaced: boolean;
}

/** Tokens that were ever accepted, and whether they still are, by the exchange's own time. */
export class TokenStore {
  private readonly kite = new Map<string, KiteToken>();
  private readonly dhan = new Map<string, DhanTokenRecord>();

  /** @param nowMs the exchange's time, ms since the epoch */
  constructor(readonly nowMs: () => number) {
    this.acceptKite(DEMO.kite.apiKey, DEMO.kite.accessToken);
    this.acceptDhan(DEMO.dhan.clientId, DEMO_DHAN_TOKEN);
  }

  acceptsKite(apiKey: string, accessToken: string): boolean {
    return this.kiteUserOf(apiKey, accessToken) !== null;
  }

  /** Whose token it is; null where it is not accepted. */
  kiteUserOf(apiKey: string, accessToken: string): string | null {
    const known = this.kite.get(kiteKey(apiKey, accessToken));
    return known && known.expiresMs > this.nowMs() ? known.userId : null;
  }

  /** Null where the pair is accepted; else what Dhan calls the matter (a reason of its disconnect packets). */
  refuseDhan(clientId: string, token: string): 'expired' | 'token_invalid' | 'client_invalid' | null {
    const known = this.dhan.get(token);
    if (!known) return 'token_invalid';
    if (known.clientId !== clientId) return 'client_invalid';
    if (known.replaced) return 'token_invalid';
    return known.expiresMs > this.nowMs() ? null : 'expired';
  }

  /** Client of a token that is accepted; null where it is not. */
  dhanClientOf(token: string): string | null {
    const known = this.dhan.get(token);
    return known && this.refuseDhan(known.clientId, token) === null ? known.clientId : null;
  }

  /** When a Dhan token ends, ms; never where it was only declared. */
  dhanExpiresMs(token: string): number {
    return this.dhan.get(token)?.expiresMs ?? NEVER;
  }

  acceptKite(apiKey: string, accessToken: string, userId = 'DEM001'): void {
    this.kite.set(kiteKey(apiKey, accessToken), { apiKey, accessToken, userId, expiresMs: NEVER, byLogin: false });
  }

  /** A token of a login: until 06:00 IST. */
  addKite(apiKey: string, accessToken: string, userId: string): void {
    const expiresMs = nextIstTime(this.nowMs(), KITE_ENDS_MS);
    this.kite.set(kiteKey(apiKey, accessToken), { apiKey, accessToken, userId, expiresMs, byLogin: true });
  }

  /** The tokens that are accepted for an api key; those of logins only, where asked. */
  liveKite(apiKey: string, onlyByLogin = false): KiteToken[] {
    return [...this.kite.values()].filter(
      (token) => token.apiKey === apiKey && token.expiresMs > this.nowMs() && (!onlyByLogin || token.byLogin),
    );
  }

  /** False where the token was never known. */
  expireKite(apiKey: string, accessToken: string): boolean {
    const known = this.kite.get(kiteKey(apiKey, accessToken));
    if (known) known.expiresMs = 0;
    return known !== undefined;
  }

  acceptDhan(clientId: string, token: string, expiresMs = NEVER): void {
    this.dhan.set(token, { clientId, expiresMs, replaced: false });
  }

  /** Ends every live token of a client, since there is one at a time. @returns those that it ended */
  replaceDhan(clientId: string): string[] {
    const live = [...this.dhan].filter(([token]) => this.dhanClientOf(token) === clientId);
    for (const [, record] of live) record.replaced = true;
    return live.map(([token]) => token);
  }

  /** False where the token was never known. */
  expireDhan(token: string): boolean {
    const known = this.dhan.get(token);
    if (known) known.expiresMs = 0;
    return known !== undefined;
  }
}

const kiteKey = (apiKey: string, accessToken: string): string => `${apiKey}:${accessToken}`;
