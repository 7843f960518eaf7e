/** The workspace, as a person meets it. */
import { expect, type Locator, type Page } from '@playwright/test';

/** The code of a pane is fetched when it is opened, and the first book comes after that, ms. */
const LIVE_WITHIN_MS = 40_000;

export class WorkspaceView {
  readonly panes: Locator;
  readonly layouts: Locator;
  readonly fault: Locator;

  constructor(readonly page: Page) {
    this.panes = page.locator('[data-pane]');
    this.layouts = page.getByRole('toolbar', { name: 'Workspace' }).locator('details').first();
    this.fault = page.getByRole('main').getByRole('alert');
  }

  async open(): Promise<void> {
    await this.page.goto('/workspace');
    await expect(this.page.getByRole('heading', { level: 1, name: 'Workspace' })).toBeAttached();
  }

  /** Begins with one pane of a kind. */
  async begin(kind: string): Promise<void> {
    await this.open();
    await this.page.getByRole('main').getByRole('button', { name: kind, exact: true }).click();
    await expect(this.panes).toHaveCount(1);
  }

  /** In the order of the layout's file. */
  pane(n: number): Locator {
    return this.page.locator(`[data-pane="p${n}"]`);
  }

  /** What stands in the header of each pane, in order of their place on the screen. */
  async shown(): Promise<string[]> {
    const places = await this.panes.evaluateAll((panes) =>
      panes.map((pane) => {
        const { x, y } = pane.getBoundingClientRect();
        return { x, y, id: pane.getAttribute('data-pane') ?? '' };
      }),
    );
    return places.sort((a, b) => a.y - b.y || a.x - b.x).map(({ id }) => id);
  }

  async expectLive(pane: Locator): Promise<void> {
    await expect(pane.getByText('Live', { exact: true })).toBeVisible({ timeout: LIVE_WITHIN_MS });
    await expect(pane.getByRole('application')).toBeVisible();
  }

  async choose(name: string): Promise<void> {
    await this.layouts.locator('summary').click();
    await this.layouts.getByRole('button', { name, exact: true }).click();
  }
}
