/**
 * What happens to the brokers' tokens by itself: pasted ones are taken in at the start, Kite's copy in Redis where there is
 * no file, Dhan's is renewed before it ends, and whoever waits for a first token is told.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { BrokerError } from '../../lib/auth/broker-call.ts';
import { dhanClaims } from '../../lib/auth/dhan-claims.ts';
import { dhanRenewalIsDue, renewStoredDhanToken } from '../../lib/auth/dhan-renewal.ts';
import { tokenFingerprint } from '../../lib/auth/kite-account.ts';
import { tokenStateOf } from '../../lib/auth/token-state.ts';
import { storeDhanToken, storeKiteToken, TokenStoreError } from '../../lib/auth/token-store.ts';
import { type DhanToken, readDhanToken, readKiteToken } from '../../lib/auth/tokens.ts';
import type { Config } from '../../lib/config/config.ts';
import type { Broker } from '../../lib/core/feeds.ts';
import { formatIstMinute } from '../../lib/core/ist.ts';
import { LockHeldError, lockFolder } from '../../lib/journal/lock.ts';
import type { Log } from '../../lib/obs/log.ts';

/** How often the files are looked at, ms. */
const LOOK_MS = 1000;
/** Waits between attempts to renew: twice as long each time, ms. */
const RETRY_MIN_MS = 30_000;
const RETRY_MAX_MS = 10 * 60_000;
/** Held by who renews Dhan's token. */
const RENEWAL_LOCK = 'dhan_renewal';
/** Fingerprints of the pasted tokens that were taken in: each is taken once, so that it never replaces a login. */
const PASTED_FILE = 'pasted_tokens';

export interface TokenKeeperOptions {
  readonly config: Config;
  readonly log: Log;
  readonly nowMs: () => number;
  /** Kite's token as a script has put it into Redis; null where there is none, or nobody wants it looked for. */
  readonly kiteCopy: () => Promise<string | null>;
  /** A broker that had no token has one now. */
  readonly onFirstToken: (broker: Broker) => Promise<void>;
  /** Keeps for people what was done. @param action snake_case, as in the audit */
  readonly note: (action: string, detail: string) => Promise<void>;
}

export class TokenKeeper {
  private readonly had: Record<Broker, boolean>;
  private failures = 0;
  private nextTryMs = 0;
  /** Fingerprint of a token that Dhan does not renew: another has to come first. */
  private givenUp: string | null = null;
  private looking: Promise<void> = Promise.resolve();
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly options: TokenKeeperOptions) {
    const { tokenDir } = options.config;
    this.had = { kite: 'token' in readKiteToken(tokenDir), dhan: 'token' in readDhanToken(tokenDir) };
  }

  start(): void {
    let busy = false;
    this.timer = setInterval(() => {
      if (busy) return;
      busy = true;
      this.looking = this.look().finally(() => {
        busy = false;
      });
    }, LOOK_MS);
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.looking;
  }

  /** One look at everything. Never throws: what fails is said and tried again. */
  async look(): Promise<void> {
    for (const step of [() => this.takeKiteCopy(), () => this.renewDhan(), () => this.tellOfFirst()]) {
      try {
        await step();
      } catch (error) {
        this.options.log.warn({ event: 'token_keeping_failed', reason: (error as Error).message });
      }
    }
  }

  private async takeKiteCopy(): Promise<void> {
    const { config, nowMs, kiteCopy, log } = this.options;
    if ('token' in readKiteToken(config.tokenDir)) return;
    const accessToken = await kiteCopy();
    if (accessToken === null || !/^[A-Za-z0-9._-]{1,512}$/.test(accessToken)) return;
    await storeKiteToken(config, { accessToken, account: null, loginMs: nowMs() });
    log.info({ event: 'kite_token_taken_from_redis' });
  }

  /** The lock is a file's, as the token is: another jobs worker renews it no second time, and none needs the database for it. */
  private async renewDhan(): Promise<void> {
    if (this.dueToken() === null) return;
    let unlock: () => void;
    try {
      unlock = await lockFolder(this.options.config.tokenDir, RENEWAL_LOCK, 0);
    } catch (error) {
      if (error instanceof LockHeldError) return;
      throw error;
    }
    try {
      // Read again: it may have been renewed until the lock was ours.
      const due = this.dueToken();
      if (due !== null) await this.renew(due);
    } finally {
      unlock();
    }
  }

  /** Dhan's token, where it is to be renewed now. */
  private dueToken(): { readonly token: DhanToken; readonly expiresMs: number } | null {
    const { config, nowMs } = this.options;
    const answer = readDhanToken(config.tokenDir);
    if (!('token' in answer) || answer.token.expiresMs === null) return null;
    const { accessToken, expiresMs } = answer.token;
    if (tokenFingerprint(accessToken) === this.givenUp || !dhanRenewalIsDue(expiresMs, nowMs())) return null;
    return nowMs() < this.nextTryMs ? null : { token: answer.token, expiresMs };
  }

  private async renew({ token, expiresMs }: { readonly token: DhanToken; readonly expiresMs: number }): Promise<void> {
    const { config, nowMs, log, note } = this.options;
    try {
      const renewal = await renewStoredDhanToken(config, nowMs());
      this.failures = 0;
      this.nextTryMs = 0;
      if (renewal.result === 'renewed') {
        await note('dhan_renewed', `Dhan token renewed until ${formatIstMinute(renewal.expiresMs)} IST`);
        return;
      }
      this.givenUp = tokenFingerprint(token.accessToken);
      const end = `${formatIstMinute(expiresMs)} IST`;
      await note(
        'dhan_renewal_failed',
        renewal.result === 'not_renewable'
          ? `Dhan does not renew this token (type ${token.claims?.consumerType ?? 'unknown'}): log in to Dhan before ${end}`
          : 'Dhan does not accept the token any more, most likely because of another login to the account: log in to Dhan',
      );
    } catch (error) {
      if (!(error instanceof BrokerError) && !(error instanceof TokenStoreError)) throw error;
      const waitMs = Math.min(RETRY_MAX_MS, RETRY_MIN_MS * 2 ** Math.min(this.failures, 10));
      this.failures += 1;
      this.nextTryMs = nowMs() + waitMs;
      log.warn({ event: 'dhan_renewal_failed', reason: error.message, failures: this.failures, waitMs });
    }
  }

  private async tellOfFirst(): Promise<void> {
    const { config, onFirstToken } = this.options;
    const has = {
      kite: 'token' in readKiteToken(config.tokenDir),
      dhan: 'token' in readDhanToken(config.tokenDir),
    };
    for (const broker of ['kite', 'dhan'] as const) {
      if (has[broker] && !this.had[broker]) await onFirstToken(broker);
      this.had[broker] = has[broker];
    }
  }
}

/**
 * Takes the tokens of KITE_ACCESS_TOKEN and DHAN_ACCESS_TOKEN into their files: each once, and only where there is no token
 * that is alive.
 *
 * @throws TokenStoreError
 */
export async function takePastedTokens(config: Config, nowMs: number, log: Log): Promise<void> {
  const { kite, dhan } = config;
  const dead = (broker: Broker): boolean => !['valid', 'expiring'].includes(tokenStateOf(broker, config, nowMs).state);
  if (kite.pastedToken && !wasTaken(config, kite.pastedToken) && dead('kite')) {
    await storeKiteToken(config, { accessToken: kite.pastedToken, account: null, loginMs: nowMs });
    remember(config, kite.pastedToken);
    log.info({ event: 'kite_token_taken_from_environment' });
  }
  if (!dhan.pastedToken || wasTaken(config, dhan.pastedToken) || !dead('dhan')) return;
  const claims = dhanClaims(dhan.pastedToken);
  if (!claims || claims.expiresMs <= nowMs || (claims.clientId !== null && claims.clientId !== dhan.clientId)) {
    log.warn({ event: 'dhan_token_of_environment_refused', reason: 'it has ended, or is no token of DHAN_CLIENT_ID' });
    return;
  }
  await storeDhanToken(config, {
    accessToken: dhan.pastedToken,
    clientId: dhan.clientId,
    clientName: null,
    expiresMs: claims.expiresMs,
    generatedMs: claims.issuedMs ?? nowMs,
  });
  remember(config, dhan.pastedToken);
  log.info({ event: 'dhan_token_taken_from_environment' });
}

const pastedFile = ({ tokenDir }: Config): string => path.join(tokenDir, PASTED_FILE);

function takenOnes(config: Config): string[] {
  try {
    return readFileSync(pastedFile(config), 'utf8').split('\n').filter(Boolean);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

const wasTaken = (config: Config, token: string): boolean => takenOnes(config).includes(tokenFingerprint(token));

/** Some are enough: a token that is not in the environment any more need not be known. */
const REMEMBERED = 20;

function remember(config: Config, token: string): void {
  const lines = [...takenOnes(config), tokenFingerprint(token)].slice(-REMEMBERED);
  writeFileSync(pastedFile(config), `${lines.join('\n')}\n`, { mode: 0o600 });
}
