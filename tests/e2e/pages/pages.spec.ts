/** Every page in every state, at both window sizes: it can be read, it is accessible, it fits, and nothing goes wrong. */
import { test } from '../support/fixtures.ts';
import { expectAccessible, expectNoSidewaysScroll, keepScreen } from '../support/reading.ts';
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
      await keepScreen(page, `${name}-${state}`.replaceAll(' ', '-'), info);
      await expectNoSidewaysScroll(page);
      await expectAccessible(page);
      await cell.recovers?.(visit);
    });
  }
}
