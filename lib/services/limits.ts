/**
 * How often who may ask. Counted in the memory of the web process, of which there is one: a restart forgives, and nothing is
 * asked of Redis on the way.
 */
import { BurstyRateLimiter, RateLimiterMemory, type RateLimiterRes } from 'rate-limiter-flexible';
import type { Caller } from './access.ts';
import { RequestError } from './errors.ts';

interface Limits {
  /** Wrong passwords and links of an address: those that were right are given back. */
  readonly attemptsOfAddress: RateLimiterMemory;
  /** Wrong passwords of a name, from wherever. */
  readonly attemptsOfName: RateLimiterMemory;
  /** Codes of the second factor of a person. */
  readonly codes: RateLimiterMemory;
  /** Passwords that somebody who is signed in has typed once more. */
  readonly confirmations: RateLimiterMemory;
  /** Begun logins to brokers: Dhan gives an account 25 consents a day. */
  readonly brokerLogins: RateLimiterMemory;
  /** Name and address of who has signed in with success, the newest last: strangers cannot shut them out there. */
  readonly known: Set<string>;
  readonly key: BurstyRateLimiter;
  /** Everything that an address asks. A page that is opened asks some thirty times. */
  readonly address: RateLimiterMemory;
}

/** Pairs of name and address that are remembered. */
const KNOWN_MAX = 1000;

const KEY = Symbol.for('gehra.limits');
/** On globalThis, because each bundle of the server has its own module state. */
const shared = globalThis as { [KEY]?: Limits };

function limits(): Limits {
  shared[KEY] ??= {
    attemptsOfAddress: new RateLimiterMemory({ points: 10, duration: 60 }),
    attemptsOfName: new RateLimiterMemory({ points: 30, duration: 600 }),
    codes: new RateLimiterMemory({ points: 5, duration: 600 }),
    confirmations: new RateLimiterMemory({ points: 10, duration: 600 }),
    brokerLogins: new RateLimiterMemory({ points: 10, duration: 600 }),
    known: new Set(),
    key: new BurstyRateLimiter(
      new RateLimiterMemory({ points: 20, duration: 1 }),
      new RateLimiterMemory({ keyPrefix: 'burst', points: 20, duration: 10 }),
    ),
    address: new RateLimiterMemory({ points: 400, duration: 1 }),
  };
  return shared[KEY];
}

/** Forgets all that was counted, for tests that begin anew. */
export function forgetLimits(): void {
  delete shared[KEY];
}

/**
 * Counts an attempt to sign in. Those of a name from wherever are limited too, but for an address from which this name has
 * signed in before.
 *
 * @returns what takes it back, for one that was right
 * @throws RequestError 429
 */
export async function countAttempt(address: string, name: string | null): Promise<() => Promise<void>> {
  const { attemptsOfAddress, attemptsOfName, known } = limits();
  const why = 'Too many attempts to sign in.';
  await take(attemptsOfAddress, address, why);
  if (name === null) return async () => void (await attemptsOfAddress.reward(address));
  const key = name.toLowerCase();
  const pair = `${key} ${address}`;
  if (!known.has(pair)) await take(attemptsOfName, key, why);
  return async () => {
    await attemptsOfAddress.reward(address);
    if (!known.has(pair)) await attemptsOfName.reward(key);
    remember(known, pair);
  };
}

function remember(known: Set<string>, pair: string): void {
  known.delete(pair);
  known.add(pair);
  const [oldest] = known;
  if (known.size > KNOWN_MAX && oldest !== undefined) known.delete(oldest);
}

/** For a name whose password the owner of the machine has set anew. */
export async function forgetAttempts(name: string): Promise<void> {
  await limits().attemptsOfName.delete(name.toLowerCase());
}

/** Counts a password that somebody who is signed in types again. @returns what takes it back. @throws RequestError 429 */
export async function countConfirmation(personId: number): Promise<() => Promise<void>> {
  const { confirmations } = limits();
  await take(confirmations, String(personId), 'Too many wrong passwords.');
  return async () => void (await confirmations.delete(String(personId)));
}

/** Ten begun logins to a broker in ten minutes, of a person or a key. @throws RequestError 429 */
export async function countBrokerLogin({ personId, keyId }: Pick<Caller, 'personId' | 'keyId'>): Promise<void> {
  const who = personId ?? (keyId === null ? null : `key ${keyId}`);
  if (who !== null) await take(limits().brokerLogins, String(who), 'Too many logins to brokers were begun.');
}

/** Counts a code of the second factor; a right one starts anew. @throws RequestError 429 */
export async function countCode(personId: number): Promise<() => Promise<void>> {
  const { codes } = limits();
  await take(codes, String(personId), 'Too many codes.');
  return async () => void (await codes.delete(String(personId)));
}

/** 20 requests a second with one key, 40 at once. @throws RequestError 429 */
export const countKey = (keyId: number): Promise<void> =>
  take(limits().key, String(keyId), 'This key asks more than 20 times a second.');

/** @throws RequestError 429 */
export const countAddress = (address: string): Promise<void> =>
  take(limits().address, address, 'This address asks more than 400 times a second.');

async function take(limiter: Pick<RateLimiterMemory, 'consume'>, key: string, why: string): Promise<void> {
  try {
    await limiter.consume(key);
  } catch (refusal) {
    // The library throws what it counted. Not by its class: bundled code has another copy of that.
    if (refusal instanceof Error) throw refusal;
    const waitS = Math.max(1, Math.ceil((refusal as RateLimiterRes).msBeforeNext / 1000));
    throw new RequestError(429, 'Too many requests', `${why} Try again in ${waitS} s.`, waitS);
  }
}
