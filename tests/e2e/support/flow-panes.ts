/** Panes of trades, alone in a window: what they have drawn, beside what the API says. */
import { expect, type Locator, type Page } from '@playwright/test';
import type { Answer } from '../../../lib/api/operations.ts';
import type { DrawnBar } from '../../../lib/client/chart-session.ts';
import type { DrawnFootprint } from '../../../lib/client/footprint-session.ts';

/** Pane ids of a window with one pane (components/workspace/single-pane.tsx). */
const PANE = 'single';
const MINUTE_US = 60_000_000;

export type FlowKind = 'chart' | 'footprint';

export class FlowPane {
  readonly chart: Locator;
  readonly values: Locator;
  readonly table: Locator;
  readonly state: Locator;

  constructor(
    readonly page: Page,
    private readonly kind: FlowKind,
  ) {
    this.chart = page.getByRole('application', { name: kind === 'chart' ? /^Chart of / : /^Footprint of / });
    this.values = page.getByRole('region', { name: 'Values' });
    this.table = page.getByRole('table', { name: kind === 'chart' ? /^Bars of / : /^Footprints of / });
    this.state = page.getByRole('region', { name: 'State' });
  }

  async open(slug: string): Promise<void> {
    await this.page.goto(`/pane/${this.kind}/${encodeURIComponent(slug)}`);
  }

  /** Opens it and waits until something of the market is drawn. */
  async openLive(slug: string): Promise<void> {
    await this.open(slug);
    await expect(this.page.getByText('Live', { exact: true })).toBeVisible();
    await expect(this.table.getByRole('row').nth(1)).toBeAttached();
  }

  bars(): Promise<readonly DrawnBar[]> {
    return this.page.evaluate((pane) => window.gehraPanes?.get(pane)?.bars?.(0, Number.MAX_SAFE_INTEGER) ?? [], PANE);
  }

  footprints(): Promise<readonly DrawnFootprint[]> {
    return this.page.evaluate(
      (pane) => window.gehraPanes?.get(pane)?.footprints?.(0, Number.MAX_SAFE_INTEGER) ?? [],
      PANE,
    );
  }
}

/** An answer about an instrument from an hour ago till a little after now. */
async function lately<Path extends '/api/orderflow/bars' | '/api/orderflow/footprint' | '/api/orderflow/cvd'>(
  appUrl: string,
  path: Path,
  query: Record<string, string>,
): Promise<Answer<Path>> {
  const nowMs = Date.now();
  const asked = new URLSearchParams({ from: String(nowMs - 3_600_000), to: String(nowMs + 10_000), ...query });
  const response = await fetch(`${appUrl}${path}?${asked}`);
  if (!response.ok) throw new Error(`${path}: HTTP ${response.status}`);
  return (await response.json()) as Answer<Path>;
}

const usOf = (time: string): number => Date.parse(time) * 1000;

/** Bars of a minute as the API tells them, with their cumulative delta. */
export async function barsOfApi(appUrl: string, instrument: string) {
  const query = { instrument, interval: '1m' };
  const [{ bars }, { points }] = await Promise.all([
    lately(appUrl, '/api/orderflow/bars', query),
    lately(appUrl, '/api/orderflow/cvd', query),
  ]);
  const sums = new Map(points.map(({ time, cvd }) => [time, cvd]));
  return bars.map(({ time, open, high, low, close, volume, delta }) => ({
    us: usOf(time),
    open,
    high,
    low,
    close,
    volume,
    delta,
    cvd: sums.get(time) ?? null,
  }));
}

/** Footprints of five minutes as the API tells them. */
export async function footprintsOfApi(appUrl: string, instrument: string, rowTicks: number) {
  const query = { instrument, interval: '5m', row_ticks: String(rowTicks) };
  const { bars } = await lately(appUrl, '/api/orderflow/footprint', query);
  return bars.map(({ time, cells, imbalances, stacked, unfinished, poc }) => ({
    us: usOf(time),
    cells,
    imbalances,
    stacked,
    unfinished,
    poc,
  }));
}

/** Those that both have: what lies before the first page is asked of the API too. */
export function fromFirstOf<T extends { readonly us: number }>(
  list: readonly T[],
  others: readonly { readonly us: number }[],
): T[] {
  const firstUs = others[0]?.us ?? Number.POSITIVE_INFINITY;
  return list.filter(({ us }) => us >= firstUs && us < firstUs + 60 * MINUTE_US);
}
