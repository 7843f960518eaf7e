/**
 * Passwords: argon2id, each with a salt of its own. A hash takes some 30 ms and 32 MiB: not more than two are computed at a
 * time, so that a crowd at the door takes nothing away from those inside.
 */
import { hash, verify } from '@node-rs/argon2';

/** OWASP asks for 19 MiB and two passes at least. */
const COST = { memoryCost: 32 * 1024, timeCost: 2, parallelism: 1 } as const;
const AT_ONCE_MAX = 2;

/** Two passwords are being looked at already; the one who asks may come again in a second. */
export class PasswordsBusyError extends Error {
  override readonly name = 'PasswordsBusyError';
}

const KEY = Symbol.for('gehra.passwords');
/** On globalThis, because each bundle of the server has its own module state. */
const shared = globalThis as { [KEY]?: { atOnce: number; nobodys: Promise<string> | null } };

function state() {
  shared[KEY] ??= { atOnce: 0, nobodys: null };
  return shared[KEY];
}

/** @throws PasswordsBusyError */
export const hashPassword = (password: string): Promise<string> => inTurn(() => hash(normal(password), COST));

/**
 * Whether the password is the one that was hashed. Without a hash the answer is no, and takes as long: nobody learns by the
 * clock which names there are.
 *
 * @throws PasswordsBusyError
 */
export const passwordIs = (password: string, stored: string | null): Promise<boolean> =>
  inTurn(async () => {
    const matches = await verify(stored ?? (await nobodysHash()), normal(password));
    return matches && stored !== null;
  });

/** The same characters, however a keyboard puts them together. */
const normal = (password: string): string => password.normalize('NFKC');

function nobodysHash(): Promise<string> {
  const known = state();
  known.nobodys ??= hash('nobody', COST);
  return known.nobodys;
}

/** Makes the hash that unknown names are compared with, so that the first of them is answered as fast as all others. */
export const preparePasswords = async (): Promise<void> => void (await nobodysHash());

async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const known = state();
  if (known.atOnce >= AT_ONCE_MAX) throw new PasswordsBusyError('too many passwords at once');
  known.atOnce += 1;
  try {
    return await work();
  } finally {
    known.atOnce -= 1;
  }
}
