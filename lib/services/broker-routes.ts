/** The answers of the login's routes, which are the same for both brokers: a redirect, or a page that says what happened. */
import { BROKER_NAMES, type BrokerProblem, problemWords } from '../core/broker-problems.ts';
import type { Broker } from '../core/feeds.ts';
import { type Caller, callerOf } from './access.ts';
import { statusOfProblem } from './broker-account.ts';
import { beginLogin, CONNECTIONS_PATH, LoginFailed } from './broker-login.ts';
import { RequestError } from './errors.ts';
import { countBrokerLogin } from './limits.ts';
import { loginPath } from './login-path.ts';
import { type Asked, mustNotBeForeign, problemResponse, type RoleHandler } from './route.ts';

const NO_TRACE = { 'referrer-policy': 'no-referrer', 'cache-control': 'no-store' };

/** GET /api/{broker}/login-url, for scripts and buttons: the address of the broker's page. */
export const loginUrlRoute =
  (broker: Broker) =>
  async ({ caller, query, request }: Asked<{ next?: string | undefined }, undefined>): Promise<Response> => {
    mustNotBeForeign(request.headers);
    await countBrokerLogin(caller);
    try {
      const { loginUrl, consentAppId, cookie } = await beginLogin(caller, broker, query.next ?? null);
      const body = {
        login_url: loginUrl,
        message: 'Open login_url in this browser within 10 minutes.',
        ...(consentAppId === null ? {} : { consent_app_id: consentAppId }),
      };
      return Response.json(body, { headers: { ...NO_TRACE, 'set-cookie': cookie } });
    } catch (error) {
      if (!(error instanceof LoginFailed)) throw error;
      const { happened, toDo } = problemWords(broker, error.problem);
      throw new RequestError(statusOfProblem(error.problem), 'Not connected', `${happened} ${toDo}`);
    }
  };

/** GET /api/{broker}/login, for people and for links in notifications: leads to the broker's page at once. */
export const loginRoute = (broker: Broker): RoleHandler =>
  forOwners((request) =>
    asPage(broker, request, pathOf(request), async (caller) => {
      // Another site's page could begin logins without end, and put one of its own in the place of ours.
      if (request.headers.get('sec-fetch-site') === 'cross-site') return questionPage(broker, pathOf(request));
      await countBrokerLogin(caller);
      const next = new URL(request.url).searchParams.get('next');
      const { loginUrl, cookie } = await beginLogin(caller, broker, next);
      return new Response(null, { status: 303, headers: { ...NO_TRACE, location: loginUrl, 'set-cookie': cookie } });
    }),
  );

/** GET /api/{broker}/callback: where the broker sends people back to. */
export const callbackRoute = (
  broker: Broker,
  finish: (caller: Caller, request: Request) => Promise<string>,
): RoleHandler =>
  forOwners((request) =>
    // Nothing of the address goes along to a sign-in: it may carry what a broker gave.
    asPage(broker, request, CONNECTIONS_PATH, async (caller) => {
      const next = new URL(await finish(caller, request), 'http://gehra.invalid');
      next.searchParams.set('connected', broker);
      const location = `${next.pathname}${next.search}${next.hash}`;
      return new Response(null, { status: 303, headers: { ...NO_TRACE, location } });
    }),
  );

const forOwners = (answer: (request: Request) => Promise<Response>): RoleHandler =>
  Object.assign(answer, { role: 'owner' } as const);

const pathOf = ({ url }: Request): string => `${new URL(url).pathname}${new URL(url).search}`;

/** @param afterSignIn where somebody is led who has to sign in first */
async function asPage(
  broker: Broker,
  request: Request,
  afterSignIn: string,
  answer: (caller: Caller) => Promise<Response>,
): Promise<Response> {
  try {
    const caller = await callerOf(request.headers);
    if (!caller) {
      return new Response(null, { status: 302, headers: { ...NO_TRACE, location: loginPath(afterSignIn) } });
    }
    caller.mustBe('owner');
    return await answer(caller);
  } catch (error) {
    return error instanceof LoginFailed ? problemPage(broker, error.problem) : problemResponse(error);
  }
}

/** Asks whoever followed a link of another site's page whether they want to log in: the next click is on a page of ours. */
function questionPage(broker: Broker, path: string): Response {
  const name = BROKER_NAMES[broker];
  const html = `<!doctype html><html lang="en-IN"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${name} login</title></head><body><p>A link of another site has led here.</p>
<p><a href="${escapeHtml(path)}">Go on to ${name}’s login</a></p><p><a href="${CONNECTIONS_PATH}">Connections</a></p></body></html>`;
  return new Response(html, { headers: { ...NO_TRACE, 'content-type': 'text/html; charset=utf-8' } });
}

const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

/**
 * The status says what it was to a script, and a browser goes on to the page Connections, which says it to a person. The
 * refresh takes the place of this address in the history, so that what the broker gave does not stay there.
 */
function problemPage(broker: Broker, problem: BrokerProblem): Response {
  const { happened, toDo } = problemWords(broker, problem);
  const location = `${CONNECTIONS_PATH}?broker=${broker}&problem=${problem}`;
  const html = `<!doctype html><html lang="en-IN"><head><meta charset="utf-8"><title>Not connected</title>
<meta http-equiv="refresh" content="0; url=${location.replace('&', '&amp;')}"></head>
<body><p>${happened} ${toDo}</p><p><code>${problem}</code></p><p><a href="${location.replace('&', '&amp;')}">Go on</a></p></body></html>`;
  return new Response(html, {
    status: statusOfProblem(problem),
    headers: { ...NO_TRACE, 'content-type': 'text/html; charset=utf-8' },
  });
}
