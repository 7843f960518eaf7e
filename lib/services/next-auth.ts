/**
 * next-auth, which only signs people in and out, behind a door of our own: of its addresses those that are needed are open,
 * what it answers 500 to or sends elsewhere is refused before, and its refusals get the form of all others. What it signs is
 * worth something only together with a row in the database (sessions.ts).
 */
import NextAuth, { type AuthOptions } from 'next-auth';
import CredentialsProvider from 'next-auth/providers/credentials';
import type { OAuthConfig } from 'next-auth/providers/oauth';
import { z } from 'zod';
import { keepProviderPerson, type PersonRow } from '../../db/people.ts';
import { endSession } from '../../db/sessions.ts';
import { hashOfSecret } from '../auth/secrets.ts';
import { letNextAuthTakeTheAddressOfTheRequest, type OidcConfig } from '../config/config.ts';
import { localPath } from '../core/local-path.ts';
import { audit } from './audit.ts';
import { services } from './context.ts';
import { RequestError } from './errors.ts';
import { addressOf, ownOrigin } from './request-facts.ts';
import { mustBeOurs, parse, parseQuery, readBody } from './route.ts';
import { beginSession, cookieName, cookiesOf, isSecure, SESSION_LIMITS, sessionHashOf } from './sessions.ts';
import { signIn } from './sign-in.ts';

export const AUTH_PATH = '/api/auth';
const PROVIDER = 'oidc';

letNextAuthTakeTheAddressOfTheRequest();

const text = (max: number) => z.string().max(max);
const OwnPage = { csrfToken: text(200).optional(), callbackUrl: text(2000).optional(), json: text(5).optional() };
const FromProvider = z.looseObject({});

/** What is open, each with what may be sent to it. */
const OPEN: Readonly<Record<string, z.ZodType<Record<string, unknown>>>> = {
  'GET csrf': z.strictObject({}),
  'POST callback/credentials': z.strictObject({
    ...OwnPage,
    name: text(200),
    password: text(1000),
    code: text(100).optional(),
  }),
  [`POST signin/${PROVIDER}`]: z.strictObject(OwnPage),
  [`GET callback/${PROVIDER}`]: FromProvider,
  'POST signout': z.strictObject(OwnPage),
};
/** Of what is open to another method: said with 405, not with 404. */
const METHODS: Readonly<Record<string, string>> = {
  csrf: 'GET',
  'callback/credentials': 'POST',
  [`signin/${PROVIDER}`]: 'POST',
  signin: 'POST',
  [`callback/${PROVIDER}`]: 'GET',
  signout: 'POST',
};

/** Answers everything below /api/auth. @throws RequestError */
export async function answerAuth(request: Request): Promise<Response> {
  const { config } = services();
  const url = new URL(request.url);
  const action = url.pathname.slice(AUTH_PATH.length + 1);
  const schema = OPEN[`${request.method} ${action}`];
  if (!schema || (action.endsWith(PROVIDER) && !config.oidc)) {
    const method = METHODS[action];
    if (method && method !== request.method) throw new RequestError(405, 'Wrong method', `Ask with ${method}.`);
    throw new RequestError(404, 'Not found', 'There is no such address.');
  }
  const isPost = request.method === 'POST';
  if (isPost) mustBeOurs(request);
  const query = parseQuery(isPost ? z.strictObject({}) : schema, url.searchParams) as Record<string, string>;
  const body = isPost ? (parse(schema, await readBody(request), 'body') as Record<string, string>) : undefined;
  mustLeadSomewhere(body?.callbackUrl);
  mustLeadSomewhere(query.callbackUrl);

  const visit: Visit = { headers: request.headers, person: null, refusal: null };
  const answer = await askNextAuth(request, action, query, body, optionsFor(visit));
  if (visit.refusal) throw visit.refusal;
  if (answer.redirect?.searchParams.get('csrf') === 'true') {
    throw new RequestError(403, 'Not allowed', 'Open the sign-in page anew: what it sent is not what it was given.');
  }
  if (visit.person) await afterSignIn(visit, visit.person);
  return answer.response(body?.json === 'true');
}

/** What happens in one request. */
interface Visit {
  readonly headers: Headers;
  person: PersonRow | null;
  /** What next-auth would only tell in its own words. */
  refusal: unknown;
}

function optionsFor(visit: Visit): AuthOptions {
  const { config, db, log } = services();
  const secure = isSecure(visit.headers);
  const cookie = (name: string, maxAgeS?: number) => ({
    name: cookieName(name, secure),
    options: {
      httpOnly: true,
      sameSite: 'lax' as const,
      path: '/',
      secure,
      ...(maxAgeS === undefined ? {} : { maxAge: maxAgeS }),
    },
  });
  const maxAgeS = SESSION_LIMITS.absoluteMs / 1000;
  const whileAtTheProvider = 15 * 60;
  return {
    secret: config.authSecret,
    session: { strategy: 'jwt', maxAge: maxAgeS },
    jwt: { maxAge: maxAgeS },
    pages: { signIn: '/login', error: '/login' },
    useSecureCookies: secure,
    cookies: {
      sessionToken: cookie('session'),
      csrfToken: cookie('csrf'),
      callbackUrl: cookie('next'),
      state: cookie('state', whileAtTheProvider),
      pkceCodeVerifier: cookie('pkce', whileAtTheProvider),
      nonce: cookie('nonce', whileAtTheProvider),
    },
    providers: [
      CredentialsProvider({
        credentials: { name: {}, password: {}, code: {} },
        authorize: async (given) => {
          try {
            const { name = '', password = '', code } = (given ?? {}) as Record<string, string>;
            visit.person = await signIn({ name: name.trim(), password, code }, addressOf(visit.headers));
            return { id: String(visit.person.id), name: visit.person.name };
          } catch (error) {
            visit.refusal = error;
            return null;
          }
        },
      }),
      ...(config.oidc ? [providerOf(config.oidc)] : []),
    ],
    callbacks: {
      signIn: async ({ account, profile }) => {
        if (account?.provider === PROVIDER && config.oidc) visit.person = await personOf(config.oidc, profile ?? {});
        return visit.person !== null;
      },
      redirect: ({ url, baseUrl }) =>
        `${baseUrl}${localPath(url.startsWith(baseUrl) ? url.slice(baseUrl.length) : url, '/')}`,
      // Nothing of the person stands in the cookie.
      jwt: async ({ user }) => {
        if (!user || !visit.person) throw new Error('a token is made at a sign-in alone');
        return { secret: await beginSession(visit.headers, visit.person.id) };
      },
    },
    events: {
      signOut: async ({ token }) => {
        if (typeof token?.secret !== 'string') return;
        await endSession(db, hashOfSecret(token.secret));
        log.info({ event: 'signed_out' });
      },
    },
    logger: {
      error: (code, metadata) => log.warn({ event: 'next_auth_error', code, reason: reasonOf(metadata) }),
      warn: (code) => log.debug({ event: 'next_auth_warning', code }),
      debug: () => undefined,
    },
  };
}

/** The words of an error in what next-auth logs, and nothing else of it: it holds tokens. */
function reasonOf(metadata: unknown): string {
  const error = metadata instanceof Error ? metadata : (metadata as { error?: unknown } | null)?.error;
  return error instanceof Error ? error.message : 'unknown';
}

const providerOf = ({ issuer, clientId, clientSecret, name }: OidcConfig): OAuthConfig<Record<string, unknown>> => ({
  id: PROVIDER,
  name,
  type: 'oauth',
  wellKnown: `${issuer}/.well-known/openid-configuration`,
  authorization: { params: { scope: 'openid email profile' } },
  idToken: true,
  checks: ['pkce', 'state', 'nonce'],
  clientId,
  clientSecret,
  profile: ({ sub }) => ({ id: String(sub) }),
});

const ProviderProfile = z.object({
  sub: z.string().min(1).max(255),
  email: z.string().toLowerCase(),
  // Anybody could have written the address of an owner into an account elsewhere.
  email_verified: z.literal(true),
  name: z.string().optional(),
});

/** Whom the provider vouches for, where the configuration lets them in; null where not. */
async function personOf({ issuer, owners, viewers }: OidcConfig, profile: object): Promise<PersonRow | null> {
  const { db, log } = services();
  const parsed = ProviderProfile.safeParse(profile);
  const email = parsed.data?.email ?? '';
  const role = owners.includes(email) ? 'owner' : viewers.includes(email) ? 'viewer' : null;
  if (!parsed.success || role === null) {
    log.warn({ event: 'sign_in_refused', why: parsed.success ? 'not on the lists' : 'no verified e-mail address' });
    return null;
  }
  const name =
    (parsed.data.name ?? email)
      .replace(/\p{Cc}/gu, '')
      .trim()
      .slice(0, 64) || email.slice(0, 64);
  const person = await keepProviderPerson(db, { issuer, subject: parsed.data.sub, email, name, role });
  return person.disabled ? null : person;
}

/** The session that the browser had before is over: nobody can have left theirs there for the next to use. */
async function afterSignIn({ headers }: Visit, person: PersonRow): Promise<void> {
  const before = await sessionHashOf(headers);
  if (before) await endSession(services().db, before);
  await audit(person, 'signed_in', `from ${addressOf(headers)}`);
}

/** next-auth answers 500 to an address that is none. @throws RequestError 400 */
function mustLeadSomewhere(callbackUrl: string | undefined): void {
  if (callbackUrl === undefined || callbackUrl.startsWith('/') || URL.canParse(callbackUrl)) return;
  throw new RequestError(400, 'Bad request', 'callbackUrl: no address.');
}

/** Our own pages as paths: right under every name that this server has. Of what went wrong the sign-in page tells. */
function placeOf(redirect: URL, origin: string): string {
  if (redirect.origin !== origin) return redirect.href;
  const page = redirect.pathname.startsWith(`${AUTH_PATH}/`) ? '/login' : redirect.pathname;
  return `${page}${redirect.search}${redirect.hash}`;
}

/** The cookies without one that says where to go and leads nowhere: over that, too, next-auth answers 500. */
function soundCookies(headers: Headers): Record<string, string> {
  const { [cookieName('next', isSecure(headers))]: next, ...others } = cookiesOf(headers);
  return next !== undefined && URL.canParse(next)
    ? { ...others, [cookieName('next', isSecure(headers))]: next }
    : others;
}

interface NextAuthAnswer {
  readonly redirect: URL | null;
  /** @param asJson for a page that asks with fetch: where to go is told, not done */
  response(asJson: boolean): Response;
}

/** Calls next-auth as Next.js's older kind of route would, which is the one way to tell it what to believe. */
async function askNextAuth(
  request: Request,
  action: string,
  query: Record<string, string>,
  body: Record<string, string> | undefined,
  options: AuthOptions,
): Promise<NextAuthAnswer> {
  const origin = ownOrigin(request.headers);
  const { host, protocol } = new URL(origin);
  const headers = new Headers({ 'cache-control': 'no-store' });
  const sent: { status: number; body: unknown; redirect: URL | null } = { status: 200, body: null, redirect: null };
  const answer = {
    status: (status: number) => {
      sent.status = status;
      return answer;
    },
    getHeader: (name: string) => (name === 'Set-Cookie' ? headers.getSetCookie() : (headers.get(name) ?? undefined)),
    setHeader: (name: string, value: string | string[]) => {
      headers.delete(name);
      if (name === 'Location') sent.redirect = new URL(String(value), origin);
      else for (const one of [value].flat()) headers.append(name, one);
      return answer;
    },
    send: (content: unknown) => {
      sent.body = content;
    },
    end: () => undefined,
  };
  const asked = {
    method: request.method,
    query: { ...query, nextauth: action.split('/') },
    cookies: soundCookies(request.headers),
    // `json` is ours: with it next-auth would answer a refusal's redirect with the status of the refusal.
    body: body && { ...body, json: undefined },
    headers: {
      ...Object.fromEntries(request.headers),
      'x-forwarded-host': host,
      'x-forwarded-proto': protocol.slice(0, -1),
    },
  };
  await NextAuth(asked as never, answer as never, options);
  return {
    redirect: sent.redirect,
    response: (asJson) => {
      headers.set('cache-control', 'no-store');
      if (!sent.redirect) return Response.json(sent.body, { status: sent.status, headers });
      const to = placeOf(sent.redirect, origin);
      if (asJson) return Response.json({ url: to }, { headers });
      headers.set('location', to);
      return new Response(null, { status: request.method === 'POST' ? 303 : 302, headers });
    },
  };
}
