/** Every page on a phone, as it is when all is well; its other states are made as narrow by pages/pages.spec.ts. */

import { isAbsent } from '../pages/page-table.ts';
import { PAGES } from '../pages/pages.ts';
import { test } from '../support/fixtures.ts';
import { expectAccessible, expectNoSidewaysScroll, keepScreen } from '../support/reading.ts';

for (const { name, states } of PAGES) {
  const { live: cell } = states;
  if (isAbsent(cell)) continue;
  test(`${name} on a phone`, async ({ page, live, market, server, signInServer, instruments, trouble }, info) => {
    const visit = { page, live, market, server, signInServer, instruments, trouble };
    await cell.reach(visit);
    await cell.reads(visit);
    await keepScreen(page, `${name}-on-a-phone`, info);
    await expectNoSidewaysScroll(page);
    await expectAccessible(page);
    await cell.recovers?.(visit);
  });
}
