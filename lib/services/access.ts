/**
 * Who asks, and what they may: the one place that decides it. Every function of lib/services that reads or changes anything
 * takes the Caller, which only this file can make: what forgot to ask who is there does not compile.
 */
import { keyInForce, keysInForce } from '../../db/api-keys.ts';
import { sessionsInForce } from '../../db/sessions.ts';
import { hashOfSecret } from '../auth/secrets.ts';
import type { Config } from '../config/config.ts';
import { services } from './context.ts';
import { RequestError } from './errors.ts';
import { countKey } from './limits.ts';
import { wasForwarded } from './request-facts.ts';
import { RECENT_PASSWORD_MS, SESSION_LIMITS, sessionOf } from './sessions.ts';

/** A viewer sees; an owner also connects brokers, changes subscriptions, runs jobs and manages people. */
export type Role = 'owner' | 'viewer';

/** What a caller is known by. */
export interface Identity {
  /** `demo` where nobody had to sign in, `key` for a script. */
  readonly via: 'session' | 'key' | 'demo';
  /** For screens and logs. */
  readonly name: string;
  readonly role: Role;
  /** Of the person; null for a key and in the demo. */
  readonly personId: number | null;
  /** Names the browser's session, for what is bound to it; null without one. Not what the cookie carries. */
  readonly sessionId: string | null;
  readonly keyId: number | null;
  /** When the password was entered last, ms; null for who has none. */
  readonly passwordAtMs: number | null;
}

/** Somebody who may be answered. */
export class Caller implements Identity {
  /** Only this file knows it. */
  readonly #known = true;
  readonly via: Identity['via'];
  readonly name: string;
  readonly role: Role;
  readonly personId: number | null;
  readonly sessionId: string | null;
  readonly keyId: number | null;
  readonly passwordAtMs: number | null;

  constructor(proof: typeof PROOF, identity: Identity) {
    if (proof !== PROOF) throw new Error('a Caller is made by callerOf alone');
    this.via = identity.via;
    this.name = identity.name;
    this.role = identity.role;
    this.personId = identity.personId;
    this.sessionId = identity.sessionId;
    this.keyId = identity.keyId;
    this.passwordAtMs = identity.passwordAtMs;
  }

  /** @throws RequestError 403 where this takes an owner */
  mustBe(role: Role): void {
    if (!this.#known || (role === 'owner' && this.role !== 'owner')) {
      const who = this.via === 'key' ? 'this key may only read' : 'you are signed in as a viewer';
      throw new RequestError(403, 'Not allowed', `This takes the role owner; ${who}.`);
    }
  }

  /**
   * For what decides who may come in: the password was entered a short time ago. The open demo has none.
   *
   * @throws RequestError 403
   */
  mustHaveEnteredPassword(): void {
    if (this.via === 'demo') return;
    if (this.via === 'key') throw new RequestError(403, 'Not allowed', 'This is for people, not for keys.');
    if (services().nowMs() - (this.passwordAtMs ?? 0) <= RECENT_PASSWORD_MS) return;
    throw new RequestError(403, PASSWORD_NEEDED, 'Enter your password again: it was a quarter of an hour ago.');
  }
}

/** Title of the problem that entering the password solves. */
export const PASSWORD_NEEDED = 'Password needed';

const PROOF = Symbol('proof');
const LOOPBACK_HOSTS: ReadonlySet<string> = new Set(['127.0.0.1', 'localhost', '[::1]', '::1']);

const DEMO: Identity = {
  via: 'demo',
  name: 'Demo',
  role: 'owner',
  personId: null,
  sessionId: null,
  keyId: null,
  passwordAtMs: null,
};

/**
 * Who asks, by the headers of the request; null where nobody is known. A key that is given is what counts, also where it is
 * none: a script should hear of it.
 *
 * @throws RequestError 429 for a key that asks too often
 */
export async function callerOf(headers: Headers): Promise<Caller | null> {
  const { config } = services();
  const key = bearerKey(headers);
  if (key !== null) return keyCaller(key);
  const session = await sessionOf(headers);
  if (session) {
    return new Caller(PROOF, {
      via: 'session',
      name: session.name,
      role: session.role,
      personId: session.personId,
      sessionId: session.hash.toString('hex'),
      keyId: null,
      passwordAtMs: session.passwordAt.getTime(),
    });
  }
  return demoIsOpen(config, headers) ? new Caller(PROOF, DEMO) : null;
}

/** The same, for who cannot be answered without. @throws RequestError 401, 403, 429 */
export async function requireCaller(headers: Headers, role: Role): Promise<Caller> {
  const caller = await callerOf(headers);
  if (!caller) {
    throw bearerKey(headers) !== null
      ? new RequestError(401, 'Unknown key', 'This key is unknown or was revoked. Send Authorization: Bearer KEY.')
      : new RequestError(401, 'Signed out', 'Sign in first.');
  }
  caller.mustBe(role);
  return caller;
}

/** The key of a script; null where none is given. What other schemes say is for a proxy in front. */
function bearerKey(headers: Headers): string | null {
  const found = /^Bearer\b *(.*)$/i.exec(headers.get('authorization') ?? '');
  return found ? (found[1] ?? '') : null;
}

async function keyCaller(key: string): Promise<Caller | null> {
  const { db, nowMs } = services();
  const found = await keyInForce(db, hashOfSecret(key), nowMs());
  if (!found) return null;
  await countKey(found.id);
  return new Caller(PROOF, { ...DEMO, via: 'key', name: `key ${found.name}`, role: found.role, keyId: found.id });
}

/**
 * Whether there is anything in the request that could make it somebody's: the first gate, before a handler looks for
 * itself who it is.
 */
export function mayBeSomebody(headers: Headers): boolean {
  return (
    bearerKey(headers) !== null ||
    /\bgehra\.session/.test(headers.get('cookie') ?? '') ||
    demoIsOpen(services().config, headers)
  );
}

/** Those of the callers whose session or key is in force no more. Looking is no sign of life of theirs. */
export async function callersGone(callers: readonly Caller[]): Promise<Set<Caller>> {
  const { db, nowMs } = services();
  const hashes = callers.flatMap(({ sessionId }) => (sessionId === null ? [] : [Buffer.from(sessionId, 'hex')]));
  const keyIds = callers.flatMap(({ keyId }) => (keyId === null ? [] : [keyId]));
  const sessions = hashes.length > 0 ? await sessionsInForce(db, hashes, nowMs(), SESSION_LIMITS) : new Set();
  const keys = keyIds.length > 0 ? await keysInForce(db, keyIds) : new Set();
  return new Set(
    callers.filter(
      ({ sessionId, keyId }) =>
        (sessionId !== null && !sessions.has(sessionId)) || (keyId !== null && !keys.has(keyId)),
    ),
  );
}

/**
 * The demo market opens without sign-in to who sits at this machine: bound to loopback, asked without a proxy's headers,
 * and under a name that only this machine has, so that no page elsewhere can have its own name lead here.
 */
export function demoIsOpen(config: DemoConfig, headers: Headers): boolean {
  if (!demoMayOpen(config)) return false;
  if (wasForwarded(headers)) return false;
  return LOOPBACK_HOSTS.has((headers.get('host') ?? '').replace(/:\d+$/, ''));
}

type DemoConfig = Pick<Config, 'simulated' | 'demoSignIn' | 'host'>;

/** Whether the demo opens to anybody at all: otherwise somebody has to be able to sign in. */
export const demoMayOpen = ({ simulated, demoSignIn, host }: DemoConfig): boolean =>
  simulated && !demoSignIn && LOOPBACK_HOSTS.has(host);
