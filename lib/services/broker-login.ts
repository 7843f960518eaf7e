/**
 * Logging in to the brokers: begun here, finished at the broker's page, answered at the callback. A callback is believed only
 * where it answers a login that this very browser and caller began, once, within ten minutes; else nothing is exchanged.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { BrokerError } from '../auth/broker-call.ts';
import { dhanClaims } from '../auth/dhan-claims.ts';
import { consumeDhanConsent, dhanLoginUrl, generateDhanConsent } from '../auth/dhan-login.ts';
import { readKiteAccount } from '../auth/kite-account.ts';
import { exchangeKiteToken, kiteLoginUrl } from '../auth/kite-login.ts';
import { kiteExpiryMs } from '../auth/token-state.ts';
import { storeDhanToken, storeKiteToken, TokenStoreError } from '../auth/token-store.ts';
import { type BrokerProblem, problemWords } from '../core/broker-problems.ts';
import type { Broker } from '../core/feeds.ts';
import { localPath } from '../core/local-path.ts';
import { writeKiteTokenCopy } from '../queue/kite-token-copy.ts';
import {
  hashOf,
  keepPendingLogin,
  PENDING_LOGIN_MS,
  type PendingLogin,
  takePendingLogin,
} from '../queue/pending-logins.ts';
import type { Caller } from './access.ts';
import { audit } from './audit.ts';
import { services } from './context.ts';

export const CONNECTIONS_PATH = '/connections';

/** A login that came to nothing, and what it was. */
export class LoginFailed extends Error {
  override readonly name = 'LoginFailed';

  constructor(
    readonly broker: Broker,
    readonly problem: BrokerProblem,
  ) {
    super(`${broker}: ${problem}`);
  }
}

export interface BegunLogin {
  /** The broker's page. */
  readonly loginUrl: string;
  /** Of Dhan: the consent that was begun. */
  readonly consentAppId: string | null;
  /** Set-Cookie header that ties the login to this browser. */
  readonly cookie: string;
}

/** @throws LoginFailed */
export async function beginLogin(
  caller: Caller,
  broker: Broker,
  next: string | null,
  nowMs = Date.now(),
): Promise<BegunLogin> {
  caller.mustBe('owner');
  const { config, redis } = services();
  const { apiKey, apiSecret } = config[broker];
  if (!apiKey || !apiSecret || (broker === 'dhan' && !config.dhan.clientId)) {
    throw new LoginFailed(broker, 'not_configured');
  }
  const browser = randomName();
  const login: PendingLogin = {
    browser: hashOf(browser),
    who: caller.name,
    next: localPath(next, CONNECTIONS_PATH),
    begunMs: nowMs,
  };
  const cookie = cookieOf(broker, browser);
  if (broker === 'kite') {
    const state = randomName();
    await keepPendingLogin(redis, 'kite', state, login);
    return { loginUrl: kiteLoginUrl(config.kite, state), consentAppId: null, cookie };
  }
  // Dhan hands nothing back: the browser's own secret is what names the login.
  const consentAppId = await said(caller, 'dhan', generateDhanConsent(config.dhan));
  await keepPendingLogin(redis, 'dhan', browser, login);
  return { loginUrl: dhanLoginUrl(config.dhan, consentAppId), consentAppId, cookie };
}

/** What the brokers' redirects bring. Anything larger, or of other characters, is none of theirs. */
const Word = z.string().regex(/^[A-Za-z0-9_-]{1,256}$/);
const KiteCallback = z.object({
  request_token: Word.optional(),
  status: z.string().max(64).optional(),
  state: Word.optional(),
});

/** @returns where to go @throws LoginFailed */
export async function finishKiteLogin(caller: Caller, request: Request, nowMs = Date.now()): Promise<string> {
  const asked = parametersOf('kite', request, KiteCallback);
  const { next } = await answeredLogin(caller, 'kite', asked.state ?? null, request, nowMs);
  if (asked.status !== 'success') throw await failed(caller, 'kite', 'denied');
  if (!asked.request_token) throw await failed(caller, 'kite', 'bad_callback');
  const { config, redis } = services();
  const session = await said(caller, 'kite', exchangeKiteToken(config.kite, asked.request_token));
  const { accessToken, userId, userName } = session;
  const known = readKiteAccount(config.tokenDir);
  if (known && known.userId !== userId) throw await failed(caller, 'kite', 'account_mismatch');
  const token = { accessToken, account: { userId, userName }, loginMs: nowMs };
  if (!(await said(caller, 'kite', storeKiteToken(config, token)))) throw await failed(caller, 'kite', 'newer_token');
  if (config.kite.tokenInRedis) {
    const expiresMs = kiteExpiryMs(nowMs);
    await writeKiteTokenCopy(redis, { apiKey: config.kite.apiKey, accessToken, userId, userName, expiresMs });
  }
  await audit(caller, 'kite_connected', `Connected as account ${userId}`);
  return next;
}

const DhanCallback = z.object({ tokenid: Word.optional() });

/** @returns where to go @throws LoginFailed */
export async function finishDhanLogin(caller: Caller, request: Request, nowMs = Date.now()): Promise<string> {
  const { tokenid: tokenId } = parametersOf('dhan', request, DhanCallback);
  const { next } = await answeredLogin(caller, 'dhan', cookieValue(request, 'dhan'), request, nowMs);
  if (!tokenId) throw await failed(caller, 'dhan', 'denied');
  const { config } = services();
  const session = await said(caller, 'dhan', consumeDhanConsent(config.dhan, tokenId));
  const { accessToken, clientId, clientName, expiresMs } = session;
  const claims = dhanClaims(accessToken);
  if (clientId !== config.dhan.clientId || (claims?.clientId && claims.clientId !== clientId)) {
    throw await failed(caller, 'dhan', 'account_mismatch');
  }
  const generatedMs = claims?.issuedMs ?? nowMs;
  const token = { accessToken, clientId, clientName, expiresMs, generatedMs };
  if (!(await said(caller, 'dhan', storeDhanToken(config, token)))) throw await failed(caller, 'dhan', 'newer_token');
  await audit(
    caller,
    'dhan_connected',
    `Connected as account ${clientId}, token of type ${claims?.consumerType ?? 'unknown'}`,
  );
  return next;
}

/** Parameters by their names in small letters: editions of Dhan's documents differ in them. @throws LoginFailed */
function parametersOf<Schema extends z.ZodType>(broker: Broker, request: Request, schema: Schema): z.output<Schema> {
  const { searchParams } = new URL(request.url);
  const names = [...searchParams.keys()].map((name) => name.toLowerCase());
  const parsed = schema.safeParse(
    Object.fromEntries([...searchParams].map(([name, value]) => [name.toLowerCase(), value])),
  );
  if (!parsed.success || new Set(names).size < names.length) throw new LoginFailed(broker, 'bad_callback');
  return parsed.data;
}

/** The login that a callback answers; it is used up by it. @throws LoginFailed */
async function answeredLogin(
  caller: Caller,
  broker: Broker,
  name: string | null,
  request: Request,
  nowMs: number,
): Promise<PendingLogin> {
  caller.mustBe('owner');
  const problem = (state: BrokerProblem): Promise<LoginFailed> =>
    failed(caller, broker, cameElsewhere(broker, request) ? 'redirect_url' : state);
  if (name === null) throw await problem('state_missing');
  const { redis } = services();
  const login = await takePendingLogin(redis, broker, name);
  if (login === 'used') throw await problem('state_used');
  if (login === null || nowMs - login.begunMs > PENDING_LOGIN_MS) throw await problem('state_old');
  const browser = cookieValue(request, broker);
  if (browser === null || !sameText(hashOf(browser), login.browser) || login.who !== caller.name) {
    throw await problem('state_foreign');
  }
  return login;
}

/** The broker sent the browser to another name of this server than the configured one: its cookies stayed behind. */
function cameElsewhere(broker: Broker, request: Request): boolean {
  const { redirectUrl } = services().config[broker];
  const { headers } = request;
  return new URL(redirectUrl).host !== (headers.get('x-forwarded-host') ?? headers.get('host'));
}

/** What a broker's call, or the disk, came to. @throws LoginFailed, kept for whoever asks later */
async function said<T>(caller: Caller, broker: Broker, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof BrokerError) throw await failed(caller, broker, error.problem);
    if (!(error instanceof TokenStoreError)) throw error;
    services().log.error({ event: 'token_not_stored', broker, reason: error.message });
    throw await failed(caller, broker, 'store_failed');
  }
}

async function failed(caller: Caller, broker: Broker, problem: BrokerProblem): Promise<LoginFailed> {
  const { happened } = problemWords(broker, problem);
  await audit(caller, `${broker}_login_failed`, happened);
  return new LoginFailed(broker, problem);
}

const randomName = (): string => randomBytes(32).toString('base64url');

const cookieName = (broker: Broker): string => `gehra-login-${broker}`;

function cookieOf(broker: Broker, value: string): string {
  const secure = services().config.appUrl.startsWith('https:') ? '; Secure' : '';
  return `${cookieName(broker)}=${value}; Path=/api/${broker}; Max-Age=${PENDING_LOGIN_MS / 1000}; HttpOnly; SameSite=Lax${secure}`;
}

function cookieValue(request: Request, broker: Broker): string | null {
  const found = new RegExp(`(?:^|; )${cookieName(broker)}=([A-Za-z0-9_-]{1,64})(?:;|$)`).exec(
    request.headers.get('cookie') ?? '',
  );
  return found?.[1] ?? null;
}

const sameText = (a: string, b: string): boolean =>
  timingSafeEqual(createHash('sha256').update(a).digest(), createHash('sha256').update(b).digest());
