/** What is true of every page in every state. */
import path from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import { expect, type Page, type TestInfo } from '@playwright/test';
import { packageRoot } from '../../../lib/config/root.ts';
import { DESK } from '../../../playwright.config.ts';

/** Kept from run to run under the same names, to be looked at. */
const SCREENS = path.join(packageRoot, 'test-results/screens');
const GRAVE = ['serious', 'critical'];

/** Nothing on the page keeps somebody from using it. */
export async function expectAccessible(page: Page): Promise<void> {
  expectNoneGrave(await axe(page).analyze());
}

/** What is too large for its place can be scrolled without a mouse: the one rule that a narrower window may break. */
export async function expectScrolledByKeys(page: Page): Promise<void> {
  expectNoneGrave(await axe(page).withRules('scrollable-region-focusable').analyze());
}

/** In the page itself: it has no frames, for whose sake a second page would be opened at each look. */
const axe = (page: Page): AxeBuilder => new AxeBuilder({ page }).setLegacyMode();

function expectNoneGrave({ violations }: Awaited<ReturnType<AxeBuilder['analyze']>>): void {
  const grave = violations
    .filter(({ impact }) => GRAVE.includes(impact ?? ''))
    .map(({ id, impact, nodes }) => `${impact} ${id}: ${nodes.map(({ html }) => html).join('\n')}`);
  expect(grave, 'accessibility violations that are serious or critical').toEqual([]);
}

/** The page fits its window: nothing has to be scrolled sideways to be read. */
export async function expectNoSidewaysScroll(page: Page): Promise<void> {
  const tooWide = () =>
    page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  // A window that was just made narrower is laid out anew.
  await expect.poll(tooWide, { message: 'px by which the page is wider than its window' }).toBeLessThanOrEqual(0);
}

/** Keeps a picture of the page, in the report and under a name of its own with the size of the window. */
export async function keepScreen(page: Page, name: string, info: TestInfo): Promise<void> {
  const { width, height } = page.viewportSize() ?? DESK;
  const file = path.join(SCREENS, `${name.replaceAll(' ', '-')}-${width}x${height}.png`);
  await page.screenshot({ path: file });
  await info.attach(name, { path: file, contentType: 'image/png' });
}
