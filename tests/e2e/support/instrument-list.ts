/** The search box and the list of instruments below it: on the start page, on the page of a wrong name, in the dialog. */
import type { Locator, Page } from '@playwright/test';

export class InstrumentList {
  readonly search: Locator;
  readonly options: Locator;
  /** The one that Enter opens. */
  readonly chosen: Locator;
  readonly failure: Locator;

  /** @param within the dialog, where the list is in one */
  constructor(within: Page | Locator) {
    this.search = within.getByRole('combobox', { name: 'Search instruments' });
    const list = within.getByRole('listbox', { name: 'Instruments' });
    this.options = list.getByRole('option');
    this.chosen = list.getByRole('option', { selected: true });
    // Not any alert: Next.js has one of its own, for the titles of pages.
    this.failure = within.getByRole('alert').filter({ hasText: /\S/ });
  }

  option(symbol: string): Locator {
    return this.options.filter({ hasText: symbol });
  }
}
