/** What can be done with a broker's token once it is there: asked about, tested, renewed, pasted, given up. */
import { z } from 'zod';
import { BrokerError } from '../auth/broker-call.ts';
import { dhanClaims } from '../auth/dhan-claims.ts';
import { dhanProfile } from '../auth/dhan-login.ts';
import { renewStoredDhanToken } from '../auth/dhan-renewal.ts';
import { endKiteSession, type KiteProfile, kiteProfile } from '../auth/kite-login.ts';
import { tokenStateOf } from '../auth/token-state.ts';
import { removeToken, storeDhanToken, TokenStoreError } from '../auth/token-store.ts';
import { readDhanToken, readKiteToken } from '../auth/tokens.ts';
import { BROKER_NAMES, type BrokerProblem, problemWords } from '../core/broker-problems.ts';
import type { Broker } from '../core/feeds.ts';
import { formatIstMinute, istWithoutOffset } from '../core/ist.ts';
import { removeKiteTokenCopy } from '../queue/kite-token-copy.ts';
import type { Caller } from './access.ts';
import { audit } from './audit.ts';
import { services } from './context.ts';
import { RequestError } from './errors.ts';

/** `/api/kite/status`, in the predecessor's words. */
export interface KiteStatus {
  readonly authenticated: boolean;
  readonly ttl_seconds: number;
  readonly user_id: string | null;
  readonly expires_in_hours: number;
  readonly message: string;
}

export async function kiteStatus(caller: Caller, nowMs = Date.now()): Promise<KiteStatus> {
  caller.mustBe('viewer');
  const { state, expiresMs, account, detail } = tokenStateOf('kite', services().config, nowMs);
  const authenticated = state === 'valid' || state === 'expiring';
  const leftMs = authenticated && expiresMs !== null ? expiresMs - nowMs : 0;
  return {
    authenticated,
    ttl_seconds: Math.floor(leftMs / 1000),
    user_id: authenticated ? account : null,
    expires_in_hours: Math.round((leftMs / 3_600_000) * 100) / 100,
    message: detail,
  };
}

export async function dhanStatus(caller: Caller, nowMs = Date.now()): Promise<object> {
  caller.mustBe('viewer');
  const { tokenDir } = services().config;
  const { state, detail } = tokenStateOf('dhan', { tokenDir }, nowMs);
  const answer = readDhanToken(tokenDir);
  if (!('token' in answer) || (state !== 'valid' && state !== 'expiring')) {
    return { authenticated: false, message: detail };
  }
  const { clientId, clientName, expiresMs, generatedAt } = answer.token;
  return {
    authenticated: true,
    client_id: clientId,
    client_name: clientName,
    // As in the file: IST, and no offset behind it.
    expiry: expiresMs === null ? null : istWithoutOffset(expiresMs),
    generated_at: generatedAt,
  };
}

/** The account's own words about itself, asked of Kite. @throws RequestError */
export async function kiteAccountProfile(caller: Caller): Promise<KiteProfile> {
  caller.mustBe('owner');
  const { config } = services();
  const answer = readKiteToken(config.tokenDir);
  if (!('token' in answer)) throw new RequestError(409, 'Not connected', `${capital(answer.missing)}.`);
  return asRequest('kite', kiteProfile(config.kite, answer.token.accessToken));
}

export interface Disconnected {
  readonly message: string;
  readonly tokens_deleted: number;
}

/**
 * Ends the session at the broker where the broker has a call for that, and takes the token away here in any case.
 *
 * @throws RequestError where the file cannot be removed
 */
export async function disconnectBroker(caller: Caller, broker: Broker): Promise<Disconnected> {
  caller.mustBe('owner');
  const { config, redis } = services();
  const name = BROKER_NAMES[broker];
  const answer = broker === 'kite' ? readKiteToken(config.tokenDir) : readDhanToken(config.tokenDir);
  const told = broker === 'kite' && 'token' in answer ? await endAtKite(answer.token.accessToken) : true;
  await asRequest(broker, removeToken(config, broker));
  const copies = broker === 'kite' && config.kite.tokenInRedis ? await removeKiteTokenCopy(redis) : 0;
  await audit(caller, `${broker}_disconnected`, 'Disconnected');
  const lives = broker === 'dhan' ? ' Dhan has no call that ends a token: it lives there until its end.' : '';
  return {
    message: told
      ? `${name} is disconnected.${lives}`
      : 'Kite is disconnected here. Kite itself did not answer: the token lives there until 06:00 IST, or until you log out in Kite.',
    tokens_deleted: ('token' in answer ? 1 : 0) + copies,
  };
}

/** @returns false where Kite could not be told; a token that it no longer knows has ended already */
async function endAtKite(accessToken: string): Promise<boolean> {
  const { config, log } = services();
  try {
    await endKiteSession(config.kite, accessToken);
    return true;
  } catch (error) {
    if (!(error instanceof BrokerError)) throw error;
    if (error.problem === 'token_refused') return true;
    log.warn({ event: 'kite_session_not_ended', reason: error.message });
    return false;
  }
}

export const PasteBody = z.strictObject({
  access_token: z
    .string()
    .trim()
    .regex(/^[A-Za-z0-9._-]{20,8192}$/, 'is no token'),
  /** The person has read that this type of token is reported to get no 200-level depth. */
  accept_app: z.boolean().default(false),
});

/** Takes a token made on web.dhan.co. @throws RequestError */
export async function pasteDhanToken(
  caller: Caller,
  { access_token: accessToken, accept_app: acceptApp }: z.output<typeof PasteBody>,
  nowMs = Date.now(),
): Promise<{ message: string }> {
  caller.mustBe('owner');
  const { config } = services();
  const claims = dhanClaims(accessToken);
  if (!claims || claims.expiresMs <= nowMs) throw requestErrorOf('dhan', 'bad_token');
  if (claims.clientId !== null && claims.clientId !== config.dhan.clientId) {
    throw requestErrorOf('dhan', 'account_mismatch');
  }
  if (claims.consumerType === 'APP' && !acceptApp) {
    throw new RequestError(
      409,
      'Token of type APP',
      'This token is of the type APP, which is reported to get no 200-level depth: make one on web.dhan.co, or use it all the same.',
    );
  }
  const { dhanClientId } = await asRequest('dhan', dhanProfile(config.dhan, accessToken));
  if (dhanClientId !== config.dhan.clientId) throw requestErrorOf('dhan', 'account_mismatch');
  const { expiresMs, issuedMs } = claims;
  const stored = await asRequest(
    'dhan',
    storeDhanToken(config, {
      accessToken,
      clientId: dhanClientId,
      clientName: null,
      expiresMs,
      generatedMs: issuedMs ?? nowMs,
    }),
  );
  if (!stored) throw new RequestError(409, 'Older token', 'A token that was made later is in use already.');
  await audit(caller, 'dhan_connected', `Connected as account ${dhanClientId}, with a pasted token`);
  return { message: `Dhan is connected until ${formatIstMinute(expiresMs)} IST.` };
}

/** Renews Dhan's token now. @throws RequestError */
export async function renewDhan(caller: Caller, nowMs = Date.now()): Promise<{ message: string }> {
  caller.mustBe('owner');
  const renewal = await asRequest('dhan', renewStoredDhanToken(services().config, nowMs));
  switch (renewal.result) {
    case 'renewed':
      await audit(caller, 'dhan_renewed', `Dhan token renewed until ${formatIstMinute(renewal.expiresMs)} IST`);
      return { message: `The Dhan token is renewed until ${formatIstMinute(renewal.expiresMs)} IST.` };
    case 'no_token':
      throw new RequestError(409, 'Not connected', 'There is no Dhan token to renew: log in to Dhan.');
    case 'dead':
      throw requestErrorOf('dhan', 'token_refused');
    case 'not_renewable':
      throw new RequestError(
        409,
        'Not renewable',
        'Dhan accepts this token and does not renew it: log in before it ends.',
      );
  }
}

/** @throws RequestError for what the broker or the disk said */
async function asRequest<T>(broker: Broker, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof BrokerError) throw requestErrorOf(broker, error.problem);
    if (error instanceof TokenStoreError) throw new RequestError(503, 'Not stored', error.message);
    throw error;
  }
}

function requestErrorOf(broker: Broker, problem: BrokerProblem): RequestError {
  const { happened, toDo } = problemWords(broker, problem);
  return new RequestError(statusOfProblem(problem), 'Not connected', `${happened} ${toDo}`);
}

const STATUS: Partial<Record<BrokerProblem, ConstructorParameters<typeof RequestError>[0]>> = {
  account_mismatch: 403,
  limit: 429,
  login_limit: 429,
  broker_error: 502,
  broker_answer: 502,
  broker_unreachable: 502,
  secret_wrong: 502,
  broker_timeout: 504,
  store_failed: 503,
  token_refused: 409,
  newer_token: 409,
};

/** HTTP status of an answer that says this problem. */
export const statusOfProblem = (problem: BrokerProblem): ConstructorParameters<typeof RequestError>[0] =>
  STATUS[problem] ?? 400;

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
