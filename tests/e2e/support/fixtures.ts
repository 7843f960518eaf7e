/** `test` of the browser tests: an instance, a calm market, and a page in which nothing may go wrong unseen. */
import { test as base, expect } from '@playwright/test';
import type { Instance } from '../../support/instance.ts';
import { instanceOfWorker } from './instances.ts';
import { type Instruments, listInstruments } from './instruments.ts';
import { LivePage } from './live-page.ts';
import { Market } from './market.ts';
import { PageTrouble } from './page-trouble.ts';
import { Server } from './server.ts';
import { SignInServer } from './sign-in-server.ts';

interface PerTest {
  /** The browser has never been here: the tour is shown. */
  readonly firstVisit: boolean;
  readonly server: Server;
  readonly market: Market;
  /** Fails the test for trouble that it does not allow. */
  readonly trouble: PageTrouble;
  readonly live: LivePage;
}

interface PerWorker {
  readonly instance: Instance;
  readonly signInServer: SignInServer;
  readonly instruments: Instruments;
}

export const test = base.extend<PerTest, PerWorker>({
  instance: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads from the pattern which fixtures are needed
    async ({}, use, info) => use(await instanceOfWorker(info.parallelIndex)),
    { scope: 'worker' },
  ],
  signInServer: [
    // biome-ignore lint/correctness/noEmptyPattern: as above
    async ({}, use) => {
      const server = new SignInServer();
      await use(server);
      await server.stop();
    },
    { scope: 'worker', timeout: 120_000 },
  ],
  instruments: [async ({ instance }, use) => use(await listInstruments(instance.appUrl)), { scope: 'worker' }],
  firstVisit: [false, { option: true }],
  baseURL: async ({ instance }, use) => use(instance.appUrl),
  server: [
    async ({ instance }, use) => {
      const server = new Server(instance);
      await server.mend();
      await use(server);
    },
    { auto: true },
  ],
  market: [
    // After the server: what a test before this one has broken keeps the market from being seen.
    async ({ instance, server: _whole }, use) => {
      const market = new Market(instance);
      await market.calm();
      await use(market);
    },
    { auto: true, timeout: 60_000 },
  ],
  trouble: async ({ context, firstVisit }, use) => {
    // The tour stands over the picture of who has not seen it.
    if (!firstVisit) {
      await context.addInitScript(() => {
        // An empty page has no storage.
        if (self.origin !== 'null') localStorage.setItem('gehra.tour', 'true');
      });
    }
    const trouble = new PageTrouble(context);
    await use(trouble);
    expect(trouble.report(), 'trouble in the page that nobody sees').toEqual([]);
  },
  // Whoever takes a page is watched.
  page: async ({ page, trouble: _watches }, use) => use(page),
  live: async ({ page }, use) => use(new LivePage(page)),
});

export { expect };
