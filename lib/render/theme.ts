/**
 * Colours and fonts of everything that is drawn. Their home is app/globals.css; a canvas, and a worker above all, cannot
 * read style sheets, so they are read from the page and handed over.
 */
export interface Theme {
  readonly background: string;
  readonly panel: string;
  readonly line: string;
  readonly text: string;
  readonly textMuted: string;
  readonly textFaint: string;
  readonly bid: string;
  readonly ask: string;
  readonly bidBar: string;
  readonly askBar: string;
  readonly unknown: string;
  readonly unrecorded: string;
  readonly hatchGap: string;
  readonly hatchStale: string;
  readonly gapText: string;
  readonly crosshair: string;
  readonly tag: string;
  readonly up: string;
  readonly down: string;
  readonly lastPrice: string;
  readonly lastPriceText: string;
  readonly bestBid: string;
  readonly bestAsk: string;
  /** CSS font family of numbers. */
  readonly fontMono: string;
}

const VARIABLES: Readonly<Record<keyof Theme, string>> = {
  background: '--color-ground',
  panel: '--color-panel',
  line: '--color-line',
  text: '--color-ink',
  textMuted: '--color-muted',
  textFaint: '--color-faint',
  bid: '--color-bid',
  ask: '--color-ask',
  bidBar: '--color-bid-bar',
  askBar: '--color-ask-bar',
  unknown: '--color-unknown',
  unrecorded: '--color-unrecorded',
  hatchGap: '--color-hatch-gap',
  hatchStale: '--color-hatch-stale',
  gapText: '--color-warn',
  crosshair: '--color-crosshair',
  tag: '--color-tag',
  up: '--color-up',
  down: '--color-down',
  lastPrice: '--color-last-price',
  lastPriceText: '--color-last-price-ink',
  bestBid: '--color-best-bid',
  bestAsk: '--color-best-ask',
  fontMono: '--font-mono',
};

export function readTheme(element: Element): Theme {
  const style = getComputedStyle(element);
  const entries = Object.entries(VARIABLES).map(([name, variable]) => [name, style.getPropertyValue(variable).trim()]);
  return Object.fromEntries(entries) as Record<keyof Theme, string>;
}
