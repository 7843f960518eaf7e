/** A pane in a window of its own. */
import type { Page } from '@playwright/test';
import type { InstrumentSummary } from '../../../lib/core/instrument.ts';

export async function openPane(page: Page, kind: string, { slug }: InstrumentSummary): Promise<void> {
  await page.goto(`/pane/${kind}/${encodeURIComponent(slug)}`);
}

/** The words of a pane's state, in its bar. */
export const paneState = (page: Page, words: string) => page.getByRole('toolbar').getByText(words, { exact: true });
