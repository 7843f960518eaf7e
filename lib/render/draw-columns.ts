/** The columns beside the chart: what traded at each price, and what the book gained or lost there. */
import type { Mark } from '../heatmap/marks.ts';
import { isOfProfile, type ProfileSpan, type SideColumn } from '../heatmap/options.ts';
import { type Profile, type ProfileRow, rowVolume } from '../heatmap/profile.ts';
import { yOf } from '../heatmap/view.ts';
import { lotsWords } from './cell-words.ts';
import type { Scene } from './scene.ts';
import { snapEdge, snapLine } from './surface.ts';

const HEAD_PX = 22;
const FONT_PX = 10;
const INSET_PX = 4;
const NUMBER_ROW_PX = 12;
const SPANS: Readonly<Record<ProfileSpan, string>> = { visible: '', session: 'day', anchored: '⚓' };
const NAMES: Readonly<Record<SideColumn, string>> = {
  volume: 'Volume',
  delta: 'Delta',
  trades: 'Trades',
  pullStack: 'P/S',
  notes: 'Notes',
};

export interface ColumnNumbers {
  readonly profile: Profile;
  /** Of the book since PULL_STACK_US before the picture's time; null where the book of then is not known. */
  readonly changes: readonly { readonly row: number; readonly change: number }[] | null;
}

/** A bar of a row: lengths to either side of where bars begin, in the unit of the column. */
interface Bar {
  readonly row: number;
  /** In the bid's colour, the ask's, and neither's. */
  readonly bid: number;
  readonly ask: number;
  readonly other: number;
  readonly words: string;
}

export function drawColumns(scene: Scene, numbers: ColumnNumbers, marks: readonly Mark[]): void {
  const { layout, options } = scene;
  options.columns.slice(0, layout.sides.length).forEach((column, i) => {
    drawColumn(scene, i, column, barsOf(scene, column, numbers), numbers);
    if (column === 'notes') drawNotes(scene, i, marks);
  });
}

/** Of the same numbers, made once: they are drawn many times before they change. */
const made = new WeakMap<ColumnNumbers, Map<SideColumn, readonly Bar[]>>();

function barsOf(scene: Scene, column: SideColumn, numbers: ColumnNumbers): readonly Bar[] {
  const columns = made.get(numbers) ?? new Map<SideColumn, readonly Bar[]>();
  made.set(numbers, columns);
  const bars = columns.get(column) ?? makeBars(scene, column, numbers);
  columns.set(column, bars);
  return bars;
}

function makeBars(scene: Scene, column: SideColumn, { profile, changes }: ColumnNumbers): readonly Bar[] {
  const { lotSize } = scene.instrument;
  const signed = (row: number, value: number): Bar => ({
    row,
    bid: Math.max(0, value),
    ask: Math.max(0, -value),
    other: 0,
    words: `${value > 0 ? '+' : '−'}${lotsWords(Math.abs(value), lotSize)}`,
  });
  switch (column) {
    case 'volume':
      return profile.rows.map((row) => ({
        row: row.row,
        bid: row.bought,
        ask: row.sold,
        other: row.unknown,
        words: lotsWords(rowVolume(row), lotSize),
      }));
    case 'delta':
      return profile.rows.filter(isLeaning).map((row) => signed(row.row, row.bought - row.sold));
    case 'trades':
      return profile.rows.map(({ row, trades }) => ({ row, bid: 0, ask: 0, other: trades, words: String(trades) }));
    case 'pullStack':
      return (changes ?? []).map(({ row, change }) => signed(row, change));
    case 'notes':
      return [];
  }
}

const isLeaning = ({ bought, sold }: ProfileRow): boolean => bought !== sold;

function drawColumn(scene: Scene, i: number, column: SideColumn, bars: readonly Bar[], numbers: ColumnNumbers): void {
  const { pen, theme, layout, pixelRatio, options, view, rows } = scene;
  const area = layout.sides[i];
  if (!area) return;
  pen.save();
  pen.beginPath();
  pen.rect(area.x, area.y, area.width, area.height);
  pen.clip();
  pen.fillStyle = theme.panel;
  pen.fillRect(area.x, area.y, area.width, area.height);
  pen.fillStyle = theme.line;
  // The line stands where the chart is, or the column before.
  pen.fillRect(
    area.x < layout.chart.x ? area.x + area.width - 1 / pixelRatio : area.x,
    area.y,
    1 / pixelRatio,
    area.height,
  );
  const rowPx = rows.units / view.unitsPerPx;
  const inView = bars.filter(
    ({ row }) => Math.abs(row * rows.units - view.centrePrice) <= (area.height / 2) * view.unitsPerPx,
  );
  const full = inView.reduce((most, { bid, ask, other }) => Math.max(most, bid + ask + other), 1);
  for (const bar of inView) drawBar(scene, area, bar, full, rowPx);
  if (column === 'volume') drawLines(scene, area, numbers.profile);
  pen.fillStyle = theme.background;
  pen.fillRect(area.x, area.y, area.width, HEAD_PX);
  pen.fillStyle = theme.textMuted;
  pen.font = `${FONT_PX}px ${theme.fontMono}`;
  pen.textAlign = 'left';
  pen.textBaseline = 'middle';
  const span = column === 'pullStack' ? '5 s' : isOfProfile(column) ? SPANS[options.profileSpan] : '';
  pen.fillText(`${NAMES[column]} ${span}`.trim(), area.x + INSET_PX, area.y + HEAD_PX / 2 + 0.5);
  pen.restore();
}

function drawBar(scene: Scene, area: { x: number; width: number }, bar: Bar, full: number, rowPx: number): void {
  const { pen, theme, layout, view, rows, pixelRatio } = scene;
  const y = yOf(view, layout.chart, bar.row * rows.units);
  const top = snapEdge(y - rowPx / 2, pixelRatio);
  const height = Math.max(snapEdge(rowPx > 3 ? rowPx - 1 : rowPx, pixelRatio), 1 / pixelRatio);
  let x = area.x + 1;
  for (const [part, colour] of [
    [bar.bid, theme.bidBar],
    [bar.other, theme.unknown],
    [bar.ask, theme.askBar],
  ] as const) {
    const width = ((area.width - 2) * part) / full;
    pen.fillStyle = colour;
    pen.globalAlpha = colour === theme.unknown ? 0.4 : 1;
    pen.fillRect(x, top, width, height);
    x += width;
  }
  pen.globalAlpha = 1;
  if (rowPx < NUMBER_ROW_PX) return;
  pen.fillStyle = theme.text;
  pen.font = `${FONT_PX}px ${theme.fontMono}`;
  pen.textAlign = 'right';
  pen.textBaseline = 'middle';
  pen.fillText(bar.words, area.x + area.width - INSET_PX, y + 0.5);
}

/** What was written at each price, of all days: levels and notes by their words. Where two would lie upon each other, the newer one. */
function drawNotes(scene: Scene, i: number, marks: readonly Mark[]): void {
  const { pen, theme, layout, view } = scene;
  const area = layout.sides[i];
  if (!area) return;
  pen.save();
  pen.beginPath();
  pen.rect(area.x + 1, area.y + HEAD_PX, area.width - 1, area.height - HEAD_PX);
  pen.clip();
  pen.font = `${FONT_PX}px ${theme.fontMono}`;
  pen.textAlign = 'left';
  pen.textBaseline = 'middle';
  const taken: number[] = [];
  for (let at = marks.length - 1; at >= 0; at -= 1) {
    const mark = marks[at] as Mark;
    const y = yOf(view, layout.chart, mark.price);
    if (y < area.y || y > area.y + area.height || taken.some((other) => Math.abs(other - y) < NUMBER_ROW_PX)) continue;
    taken.push(y);
    pen.fillStyle = theme.gapText;
    pen.fillRect(area.x + 1, y - 1, INSET_PX, 2);
    pen.fillStyle = theme.text;
    pen.fillText(mark.text === '' ? mark.kind : mark.text, area.x + 2 * INSET_PX, y + 0.5);
  }
  pen.restore();
}

/** Point of control and value area, across the column. */
function drawLines(scene: Scene, area: { x: number; width: number }, { lines }: Profile): void {
  if (!lines) return;
  const { pen, theme, layout, view, pixelRatio } = scene;
  pen.font = `${FONT_PX}px ${theme.fontMono}`;
  pen.textAlign = 'left';
  pen.textBaseline = 'bottom';
  pen.lineWidth = 1;
  for (const [name, price, colour] of [
    ['POC', lines.poc, theme.gapText],
    ['VAH', lines.high, theme.textMuted],
    ['VAL', lines.low, theme.textMuted],
  ] as const) {
    const y = snapLine(yOf(view, layout.chart, price), pixelRatio);
    pen.strokeStyle = colour;
    pen.beginPath();
    pen.moveTo(area.x, y);
    pen.lineTo(area.x + area.width, y);
    pen.stroke();
    pen.fillStyle = colour;
    pen.fillText(name, area.x + INSET_PX, y - 1);
  }
}
