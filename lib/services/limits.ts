/**
 * How often who may ask. Counted in the memory of the web process, of which there is one: a restart forgives, and nothing is
 * asked of Redis on the way.
 */
import { BurstyRateLimiter, RateLimiterMemory, type RateLimiterRes } from 'rate-limiter-flexible';
import { RequestError } from './errors.ts';

interface Limits {
  /** Wrong passwords and links of an address: those that were right are given back. */
  readonly attemptsOfAddress: RateLimiterMemory;
  /** Wrong passwords of a name, from wherever. */
  readonly attemptsOfName: RateLimiterMemory;
  /** Codes of the second factor of a person. */
  readonly codes: RateLimiterMemory;
  readonly key: BurstyRateLimiter;
  /** Everything that an address asks. A page that is opened asks some thirty times. */
  readonly address: RateLimiterMemory;
}

const KEY = Symbol.for('gehra.limits');
/** On globalThis, because each bundle of the server has its own module state. */
const shared = globalThis as { [KEY]?: Limits };

function limits(): Limits {
  shared[KEY] ??= {
    attemptsOfAddress: new RateLimiterMemory({ points: 10, duration: 60 }),
    attemptsOfName: new RateLimiterMemory({ points: 30, duration: 600 }),
    codes: new RateLimiterMemory({ points: 5, duration: 600 }),
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

/** Counts an attempt to sign in. @returns what takes it back, for one that was right. @throws RequestError 429 */
export async function countAttempt(address: string, name: string | null): Promise<() => Promise<void>> {
  const { attemptsOfAddress, attemptsOfName } = limits();
  const why = 'Too many attempts to sign in.';
  await take(attemptsOfAddress, address, why);
  if (name !== null) await take(attemptsOfName, name.toLowerCase(), why);
  return async () => {
    await attemptsOfAddress.reward(address);
    if (name !== null) await attemptsOfName.reward(name.toLowerCase());
  };
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
