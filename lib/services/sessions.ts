/**
 * Sessions: next-auth's signed cookie names one, and a row in the database keeps it alive. Without the row the cookie is
 * worth nothing, so signing out, a new password or a disabled person end it at once, whoever has a copy of the cookie.
 */
import { decode } from 'next-auth/jwt';
import {
  addSession,
  dropEndedSessions,
  type SessionLimits,
  type SessionRow,
  sessionInForce,
} from '../../db/sessions.ts';
import { hashOfSecret, newSecret } from '../auth/secrets.ts';
import { services } from './context.ts';
import { addressOf, ownOrigin } from './request-facts.ts';

const HOUR_MS = 3_600_000;
/**
 * Nobody is signed out within a trading day: pre-open at 9:00 to the last post-close at 16:00 is 7 hours, so ten idle ones are
 * the end of a day at the desk; and each day begins with a sign-in, as the brokers' tokens do.
 */
export const SESSION_LIMITS: SessionLimits = { idleMs: 10 * HOUR_MS, absoluteMs: 24 * HOUR_MS };
/** What is grave is done within this time of entering the password. */
export const RECENT_PASSWORD_MS = 15 * 60_000;

const USER_AGENT_CHARACTERS_MAX = 200;

export interface Session extends SessionRow {
  readonly hash: Buffer;
}

/** True where cookies can be marked for https alone. */
export const isSecure = (headers: Headers): boolean => ownOrigin(headers).startsWith('https:');

/** Over https a name that browsers take from this very host alone, over https alone. */
export const cookieName = (name: string, secure: boolean): string => `${secure ? '__Host-' : ''}gehra.${name}`;

/** Begins a session for somebody who has just proved who they are. @returns the secret that the cookie carries */
export async function beginSession(headers: Headers, personId: number): Promise<string> {
  const { db, nowMs } = services();
  const secret = newSecret();
  await dropEndedSessions(db, nowMs(), SESSION_LIMITS.absoluteMs);
  await addSession(db, {
    hash: hashOfSecret(secret),
    personId,
    nowMs: nowMs(),
    address: addressOf(headers),
    userAgent: (headers.get('user-agent') ?? '').slice(0, USER_AGENT_CHARACTERS_MAX),
  });
  return secret;
}

/** The session that the request's cookie names, where it is in force. Any other cookie is no cookie. */
export async function sessionOf(headers: Headers): Promise<Session | null> {
  const hash = await sessionHashOf(headers);
  if (!hash) return null;
  const { db, nowMs } = services();
  const row = await sessionInForce(db, hash, nowMs(), SESSION_LIMITS);
  return row && { ...row, hash };
}

/** What the request's cookie says, without asking whether it is in force. */
export async function sessionHashOf(headers: Headers): Promise<Buffer | null> {
  const cookie = cookieOf(headers, cookieName('session', isSecure(headers)));
  if (!cookie) return null;
  try {
    const token = await decode({ token: cookie, secret: services().config.authSecret });
    return typeof token?.secret === 'string' ? hashOfSecret(token.secret) : null;
  } catch {
    // Changed, expired, made under another secret, or nothing of ours at all.
    return null;
  }
}

/** The request's cookies by name. */
export function cookiesOf(headers: Headers): Record<string, string> {
  const parts = (headers.get('cookie') ?? '').split(';').map((part) => part.trim());
  return Object.fromEntries(
    parts.flatMap((part) => {
      const at = part.indexOf('=');
      return at < 1 ? [] : [[part.slice(0, at), decoded(part.slice(at + 1))]];
    }),
  );
}

const cookieOf = (headers: Headers, name: string): string | undefined =>
  Object.entries(cookiesOf(headers)).find(([known]) => known === name)?.[1];

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
