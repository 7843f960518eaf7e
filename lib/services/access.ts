/**
 * Who asks, and what they may: the one place that decides it. Every function of lib/services that reads or changes anything
 * takes the Caller, which only this file can make: what forgot to ask who is there does not compile.
 */
import type { Config } from '../config/config.ts';
import { services } from './context.ts';
import { RequestError } from './errors.ts';

/** A viewer sees; an owner also connects brokers, changes subscriptions, runs jobs and manages people. */
export type Role = 'owner' | 'viewer';

/** Somebody who may be answered. */
export class Caller {
  /** Only this file knows it. */
  readonly #known = true;

  constructor(
    proof: typeof PROOF,
    /** `demo` where nobody had to sign in. */
    readonly via: 'demo',
    /** For screens and logs. */
    readonly name: string,
    readonly role: Role,
  ) {
    if (proof !== PROOF) throw new Error('a Caller is made by callerOf alone');
  }

  /** @throws RequestError 403 where this takes an owner */
  mustBe(role: Role): void {
    if (!this.#known || (role === 'owner' && this.role !== 'owner')) {
      throw new RequestError(403, 'Not allowed', 'This takes the role owner; you are signed in as a viewer.');
    }
  }
}

const PROOF = Symbol('proof');
const LOOPBACK_HOSTS: ReadonlySet<string> = new Set(['127.0.0.1', 'localhost', '[::1]', '::1']);
/** A proxy says with these for whom it asks: the request then need not come from this machine. */
const FORWARDED = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-real-ip', 'via'];

/** Who asks, by the headers of the request; null where nobody is known. */
export async function callerOf(headers: Headers): Promise<Caller | null> {
  const { config } = services();
  return demoIsOpen(config, headers) ? new Caller(PROOF, 'demo', 'Demo', 'owner') : null;
}

/** The same, for who cannot be answered without. @throws RequestError 401, 403 */
export async function requireCaller(headers: Headers, role: Role): Promise<Caller> {
  const caller = await callerOf(headers);
  if (!caller) throw new RequestError(401, 'Signed out', 'Sign in first.');
  caller.mustBe(role);
  return caller;
}

/**
 * The demo market opens without sign-in to who sits at this machine: bound to loopback, asked without a proxy's headers,
 * and under a name that only this machine has, so that no page elsewhere can have its own name lead here.
 */
export function demoIsOpen({ simulated, host }: Pick<Config, 'simulated' | 'host'>, headers: Headers): boolean {
  if (!simulated || !LOOPBACK_HOSTS.has(host)) return false;
  if (FORWARDED.some((name) => headers.has(name))) return false;
  return LOOPBACK_HOSTS.has((headers.get('host') ?? '').replace(/:\d+$/, ''));
}
