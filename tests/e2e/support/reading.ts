/** What is true of every page in every state. */
import path from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import { expect, type Page, type TestInfo } from '@playwright/test';
import { packageRoot } from '../../../lib/config/root.ts';

/** Kept from run to run under the same names, to be looked at. */
const SCREENS = path.join(packageRoot, 'test-results/screens');
const GRAVE = ['serious', 'critical'];

/** Nothing on the page keeps somebody from using it. */
export async function expectAccessible(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  const grave = violations
    .filter(({ impact }) => GRAVE.includes(impact ?? ''))
    .map(({ id, impact, nodes }) => `${impact} ${id}: ${nodes.map(({ html }) => html).join('\n')}`);
  expect(grave, 'accessibility violations that are serious or critical').toEqual([]);
}

/** The page fits its window: nothing has to be scrolled sideways to be read. */
export async function expectNoSidewaysScroll(page: Page): Promise<void> {
  const { wide, window } = await page.evaluate(() => ({
    wide: document.documentElement.scrollWidth,
    window: document.documentElement.clientWidth,
  }));
  expect(wide, 'width of the page, px').toBeLessThanOrEqual(window);
}

/** Keeps a picture of the page, in the report and under a name of its own. */
export async function keepScreen(page: Page, name: string, info: TestInfo): Promise<void> {
  const file = path.join(SCREENS, `${name}-${info.project.name}.png`);
  await page.screenshot({ path: file });
  await info.attach(name, { path: file, contentType: 'image/png' });
}
