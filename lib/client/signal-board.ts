/**
 * The signals of a panel: each once, in its newest state, repeats merged into rows, rows in the order in which they want to be looked at.
 * Taking one costs the same however many there are: rows are made when they are looked at, once an animation frame.
 */
import type { ToldSignal } from '../api/signals.ts';
import { IST_OFFSET_US } from '../core/ist.ts';

export type Mark = 'seen' | 'acknowledged';

export interface BoardSignal extends ToldSignal {
  readonly mark?: Mark | null;
}

/**
 * What a reader has of a signal: new → seen → acknowledged, and in the end expired (it was told once, or its end on an earlier
 * day was not) or resolved (it has ended).
 */
export type Phase = 'new' | 'seen' | 'acknowledged' | 'expired' | 'resolved';

export interface BoardRow {
  /** Unique and lasting. */
  readonly key: string;
  /** The newest of what was merged. */
  readonly signal: ToldSignal;
  readonly phase: Phase;
  /** Signals in it. */
  readonly count: number;
  /** Those that are new: they need not be the newest, since what has ended stands in front. */
  readonly fresh: readonly string[];
  /** Of the highest of them. */
  readonly severity: number;
  /** Those that are held, newest first. */
  readonly ids: readonly string[];
}

export interface Snoozed {
  readonly what: 'detector' | 'instrument';
  readonly name: string;
}

export interface BoardView {
  readonly rows: readonly BoardRow[];
  /** Signals in the rows, and how many of them are new. */
  readonly count: number;
  readonly fresh: number;
  /** Signals that are not shown because they are snoozed. */
  readonly snoozed: number;
}

/** A repeat comes within this time of another one of its row, µs. */
const MERGE_US = 300_000_000;
/** What was told once is over after this, µs. */
const EXPIRE_US = 900_000_000;
/** Signals held in full; older ones are only counted. */
const HELD_MAX = 5000;

const ENDED: ReadonlySet<string> = new Set(['ended', 'broken', 'gone']);
const PHASE_ORDER: Readonly<Record<Phase, number>> = { new: 0, seen: 0, acknowledged: 1, expired: 2, resolved: 2 };

interface Entry {
  signal: ToldSignal;
  foundUs: number;
  mark: Mark | null;
  readonly row: Row;
}

interface Row {
  readonly key: string;
  firstUs: number;
  lastUs: number;
  count: number;
  readonly entries: Set<Entry>;
}

export const usOf = (time: string): number => Date.parse(time) * 1000;

/** A detector's name, without the version of its rules. */
export const detectorName = (detector: string): string => detector.split('@')[0] as string;

export const isSnoozed = ({ detector, instrument }: ToldSignal, snoozes: readonly Snoozed[]): boolean =>
  snoozes.some(({ what, name }) => name === (what === 'detector' ? detectorName(detector) : instrument));

const istDay = (us: number): number => Math.floor((us + IST_OFFSET_US) / 86_400_000_000);

export function phaseOf(signal: ToldSignal, mark: Mark | null, nowUs: number): Phase {
  const isOld = nowUs - usOf(signal.found) > EXPIRE_US;
  if (mark === null && !isOld) return 'new';
  if (ENDED.has(signal.state)) return 'resolved';
  // Detectors begin anew each day: nobody will tell the end of what stood at the close.
  if (isOld && (signal.state === 'once' || istDay(usOf(signal.found)) < istDay(nowUs))) return 'expired';
  return mark ?? 'seen';
}

export class SignalBoard {
  private readonly entries = new Map<string, Entry>();
  private readonly rows = new Map<string, Row[]>();
  /** All that were ever taken. */
  total = 0;

  /** Takes signals, in whatever order and however often they come. @returns those that were not known */
  take(signals: readonly BoardSignal[]): ToldSignal[] {
    const news: ToldSignal[] = [];
    for (const { mark = null, ...signal } of signals) {
      const foundUs = usOf(signal.found);
      const known = this.entries.get(signal.id);
      if (known) {
        if (foundUs >= known.foundUs) {
          known.signal = signal;
          known.foundUs = foundUs;
          known.row.lastUs = Math.max(known.row.lastUs, foundUs);
        }
        if (mark) this.mark([signal.id], mark);
        continue;
      }
      const row = this.rowFor(signal, foundUs);
      const entry: Entry = { signal, foundUs, mark, row };
      row.count += 1;
      row.entries.add(entry);
      this.entries.set(signal.id, entry);
      this.total += 1;
      news.push(signal);
    }
    this.trim();
    return news;
  }

  /** What was acknowledged stays so. */
  mark(ids: readonly string[], mark: Mark): void {
    for (const id of ids) {
      const entry = this.entries.get(id);
      if (entry && entry.mark !== 'acknowledged') entry.mark = mark;
    }
  }

  /** @param instrument slug; null: of all instruments */
  view(nowUs: number, instrument: string | null, snoozes: readonly Snoozed[], order: 'severity' | 'time'): BoardView {
    const rows: BoardRow[] = [];
    let [count, fresh, snoozed] = [0, 0, 0];
    for (const row of [...this.rows.values()].flat()) {
      const shown = boardRow(row, nowUs);
      if (!shown || (instrument !== null && shown.signal.instrument !== instrument)) continue;
      if (isSnoozed(shown.signal, snoozes)) {
        snoozed += shown.count;
        continue;
      }
      rows.push(shown);
      count += shown.count;
      fresh += shown.fresh.length;
    }
    const timeOf = ({ signal }: BoardRow): number => Date.parse(signal.found);
    rows.sort(
      order === 'time'
        ? (a, b) => timeOf(b) - timeOf(a)
        : (a, b) => PHASE_ORDER[a.phase] - PHASE_ORDER[b.phase] || b.severity - a.severity || timeOf(b) - timeOf(a),
    );
    return { rows, count, fresh, snoozed };
  }

  private rowFor({ instrument, kind, side }: ToldSignal, foundUs: number): Row {
    const name = `${instrument} ${kind} ${side}`;
    const rows = this.rows.get(name) ?? [];
    const near = rows.find(({ firstUs, lastUs }) => foundUs > firstUs - MERGE_US && foundUs < lastUs + MERGE_US);
    if (near) {
      near.firstUs = Math.min(near.firstUs, foundUs);
      near.lastUs = Math.max(near.lastUs, foundUs);
      return near;
    }
    const row: Row = { key: `${name} ${foundUs}`, firstUs: foundUs, lastUs: foundUs, count: 0, entries: new Set() };
    this.rows.set(name, [row, ...rows]);
    return row;
  }

  private trim(): void {
    for (const [id, entry] of this.entries) {
      if (this.entries.size <= HELD_MAX) return;
      // The newest of a row stays: it is what the row shows.
      if (entry.row.entries.size > 1) entry.row.entries.delete(entry);
      this.entries.delete(id);
    }
  }
}

function boardRow({ key, count, entries }: Row, nowUs: number): BoardRow | null {
  let newest: Entry | null = null;
  const fresh: string[] = [];
  let severity = 0;
  for (const entry of entries) {
    if (!newest || entry.foundUs >= newest.foundUs) newest = entry;
    if (phaseOf(entry.signal, entry.mark, nowUs) === 'new') fresh.push(entry.signal.id);
    severity = Math.max(severity, entry.signal.severity);
  }
  if (!newest) return null;
  return {
    key,
    signal: newest.signal,
    phase: fresh.length > 0 ? 'new' : phaseOf(newest.signal, newest.mark, nowUs),
    count,
    fresh,
    severity,
    ids: [...entries].sort((a, b) => b.foundUs - a.foundUs).map(({ signal }) => signal.id),
  };
}
