/** Answers that our own server cannot be brought to give: as the browser would get them from it, or never gets them. */
import type { Page } from '@playwright/test';

export type Api =
  | 'instruments'
  | 'stream'
  | 'orderflow/tape'
  | 'depth/history'
  | 'rehearsal'
  | 'orderflow/bars'
  | 'orderflow/candles'
  | 'orderflow/reconciliation'
  | 'orderflow/reconciliation/month'
  | 'signals/report'
  | 'signals/backtests'
  | 'signals/backtests/result'
  | 'settings/hours'
  | 'settings/notifications'
  | 'settings/data'
  | 'watchlists'
  | 'subscriptions'
  | 'masters'
  | 'connections'
  | 'health'
  | 'people'
  | 'keys'
  | 'account'
  | 'exports'
  | 'signals'
  | 'signals/rules'
  | 'signals/rules/alerts';

const urlOf = (api: Api): RegExp => new RegExp(`/api/${api}(\\?|$)`);

/** Requests of a SharedWorker cannot be answered from here: without it the page asks for the stream itself. */
async function askedByThePage(page: Page, api: Api): Promise<void> {
  if (api === 'stream') await page.addInitScript('delete globalThis.SharedWorker');
}

/** A request that is not answered while the page is open. */
export async function neverAnswer(page: Page, api: Api): Promise<void> {
  await askedByThePage(page, api);
  await page.route(urlOf(api), () => undefined);
}

/** An answer that this server has no occasion to give. */
export async function answerWith(page: Page, api: Api, body: object): Promise<void> {
  await page.route(urlOf(api), (route) =>
    route.fulfill({ contentType: 'application/json', body: JSON.stringify(body) }),
  );
}

/** What a server with accounts says to whom it does not know. */
export async function answerSignedOut(page: Page, api: Api): Promise<void> {
  await askedByThePage(page, api);
  await page.route(urlOf(api), (route) =>
    route.fulfill({
      status: 401,
      contentType: 'application/problem+json',
      body: JSON.stringify({ type: 'about:blank', title: 'Signed out', status: 401, detail: 'Sign in first.' }),
    }),
  );
}

/** The first request is refused with these words; later ones reach the server. */
export async function failOnce(page: Page, api: Api, detail: string): Promise<void> {
  await page.route(
    urlOf(api),
    (route) =>
      route.fulfill({
        status: 422,
        contentType: 'application/problem+json',
        body: JSON.stringify({ type: 'about:blank', title: 'Refused', status: 422, detail }),
      }),
    { times: 1 },
  );
}

/** What a server says whose database is away. */
export async function answerBroken(page: Page, api: Api): Promise<void> {
  await page.route(urlOf(api), (route) =>
    route.fulfill({
      status: 500,
      contentType: 'application/problem+json',
      body: JSON.stringify({ type: 'about:blank', title: 'Internal error', status: 500, detail: 'The log says why.' }),
    }),
  );
}

/** Holds requests back until the returned function lets them go to the server. */
export async function hold(page: Page, api: Api): Promise<() => void> {
  let release = (): void => undefined;
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  await page.route(urlOf(api), async (route) => {
    await released;
    await route.continue();
  });
  return release;
}

/** Every request is refused with these words, until the returned function lets them reach the server. */
export async function refuse(page: Page, api: Api, detail: string): Promise<() => Promise<void>> {
  await askedByThePage(page, api);
  await page.route(urlOf(api), (route) =>
    route.fulfill({
      status: 422,
      contentType: 'application/problem+json',
      body: JSON.stringify({ type: 'about:blank', title: 'Refused', status: 422, detail }),
    }),
  );
  return () => page.unroute(urlOf(api));
}
