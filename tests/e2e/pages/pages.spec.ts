/**
 * Every page in every state: it can be read, it is accessible, it fits, and nothing goes wrong. Each is reached once, in the
 * window of a desk, which is then made as narrow as a phone. The live ones are reached on a phone too (touch/pages.spec.ts).
 */

import { DESK, PHONE } from '../../../playwright.config.ts';
import { test } from '../support/fixtures.ts';
import { expectAccessible, expectNoSidewaysScroll, expectScrolledByKeys, keepScreen } from '../support/reading.ts';
import { isAbsent, STATES } from './page-table.ts';
import { PAGES } from './pages.ts';

for (const { name, states } of PAGES) {
  for (const state of STATES) {
    const cell = states[state];
    if (isAbsent(cell)) continue;
    test(`${name}, ${state}`, async ({ page, live, market, server, signInServer, instruments, trouble }, info) => {
      const visit = { page, live, market, server, signInServer, instruments, trouble };
      await cell.reach(visit);
      await cell.reads(visit);
      await keepScreen(page, `${name}-${state}`, info);
      await expectNoSidewaysScroll(page);
      await expectAccessible(page);
      await page.setViewportSize(PHONE);
      await expectNoSidewaysScroll(page);
      await expectScrolledByKeys(page);
      await keepScreen(page, `${name}-${state}`, info);
      await page.setViewportSize(DESK);
      await cell.recovers?.(visit);
    });
  }
}
