/**
 * The proof that nothing was lost: every frame that the exchange handed to a socket is stored once and unaltered, in
 * order, or was sent while a gap stands recorded; and a gap stands only where nobody was listening.
 */
import { expect } from 'vitest';
import type { Instance, SentSeries } from './instance.ts';

interface LedgerFrame {
  readonly sentUs: number;
  readonly checksum: number;
}

export interface Gap {
  readonly feed: string;
  readonly fromUs: number;
  /** Infinity while it is open. */
  readonly toUs: number;
  readonly cause: string;
}

interface Outage {
  readonly feed: string;
  readonly kind: string;
  readonly instrument: string;
  readonly fromUs: number;
  /** null while it lasts. */
  readonly toUs: number | null;
}

/** A gap may be longer than the outage by so much: from the last frame before it and to the first after it. */
const GAP_EXCESS_US = 1_000_000;
/** A frame is handed to a socket a little before it is stamped. */
const HANDOVER_US = 200_000;
const LEDGER_PAGE = 100_000;

/** Checks one instance whose exchange has stopped sending and whose writers have caught up. */
export async function expectNothingLost(instance: Instance): Promise<{ gaps: Gap[]; frames: number }> {
  const gaps = await storedGaps(instance);
  let frames = 0;
  for (const series of await instance.sent()) {
    if (series.frames === 0) continue;
    const sent = await ledger(instance, series);
    const stored = await storedChecksums(instance, series);
    const name = `${series.feed} ${series.kind} ${series.instrument}`;
    const lost = unmatched(sent, stored);
    expect(lost, `${name}: a stored frame was not sent, or stands out of order or twice`).not.toBeNull();
    for (const { sentUs } of lost ?? []) {
      const covered = gaps.some(
        ({ feed, fromUs, toUs }) => feed === series.feed && sentUs >= fromUs - HANDOVER_US && sentUs <= toUs,
      );
      expect(covered, `${name}: a frame sent at ${sentUs} is neither stored nor in a gap`).toBe(true);
    }
    frames += sent.length;
  }
  await expectTrueGaps(instance, gaps);
  return { gaps, frames };
}

/** Every gap lies over an outage, and is hardly longer. */
async function expectTrueGaps(instance: Instance, gaps: readonly Gap[]): Promise<void> {
  const { outages } = await instance.exchange<{ outages: Outage[] }>('/outages');
  for (const gap of gaps) {
    const over = outages
      .map(({ feed, fromUs, toUs }) => ({ feed, fromUs, toUs: toUs ?? Number.POSITIVE_INFINITY }))
      .filter(({ feed, fromUs, toUs }) => feed === gap.feed && fromUs <= gap.toUs && toUs >= gap.fromUs);
    const name = `gap of ${gap.feed} by ${gap.cause} from ${gap.fromUs} to ${gap.toUs}`;
    expect(over.length, `${name}: no outage`).toBeGreaterThan(0);
    const outageUs = Math.max(...over.map(({ fromUs, toUs }) => toUs - fromUs));
    // Both may still last.
    if (gap.toUs - gap.fromUs !== outageUs) {
      expect(gap.toUs - gap.fromUs, `${name}, outage of ${outageUs} µs`).toBeLessThan(outageUs + GAP_EXCESS_US);
    }
  }
}

/** Frames of `sent` that `stored` lacks; null where `stored` is no subsequence of it. */
function unmatched(sent: readonly LedgerFrame[], stored: readonly number[]): LedgerFrame[] | null {
  const lost: LedgerFrame[] = [];
  let at = 0;
  for (const frame of sent) {
    if (stored[at] === frame.checksum) at += 1;
    else lost.push(frame);
  }
  return at === stored.length ? lost : null;
}

async function ledger(instance: Instance, { feed, kind, instrument }: SentSeries): Promise<LedgerFrame[]> {
  const all: LedgerFrame[] = [];
  for (;;) {
    const query = new URLSearchParams({
      feed,
      kind,
      instrument,
      from: String(all.length + 1),
      limit: String(LEDGER_PAGE),
    });
    const { frames } = await instance.exchange<{ frames: LedgerFrame[] }>(`/ledger?${query}`);
    all.push(...frames);
    if (frames.length < LEDGER_PAGE) return all;
  }
}

const TICK_MODES: Readonly<Record<string, number>> = { ltp: 1, quote: 2, full: 3, index: 4, index_quote: 4 };

async function storedChecksums(instance: Instance, { feed, kind, instrument }: SentSeries): Promise<number[]> {
  const [exchange, symbol] = instrument.split(':');
  const rows =
    feed === 'kite'
      ? await instance.sql<{ checksum: string }>(
          `SELECT gehra.tick_checksum(tick) AS checksum FROM gehra.ticks AS tick JOIN gehra.instruments USING (instrument_id)
           WHERE exchange = $1 AND symbol = $2 AND mode = $3 AND ($4 <> 'index_quote' OR exchange_time IS NULL)
             AND ($4 <> 'index' OR exchange_time IS NOT NULL)
           ORDER BY time, n`,
          [exchange === 'NSE' && kind.startsWith('index') ? 'INDICES' : exchange, symbol, TICK_MODES[kind], kind],
        )
      : await instance.sql<{ checksum: string }>(
          `SELECT gehra.depth_checksum(prices, quantities, orders) AS checksum
           FROM gehra.depth_snapshots JOIN gehra.instruments USING (instrument_id) JOIN gehra.feeds AS feed USING (feed_id)
           WHERE exchange = $1 AND symbol = $2 AND feed.kind = $3 AND side = $4 ORDER BY time, n`,
          [exchange, symbol, feed.replace('dhan-', ''), kind === 'bid' ? 0 : 1],
        );
  return rows.map(({ checksum }) => Number(checksum));
}

async function storedGaps(instance: Instance): Promise<Gap[]> {
  return instance.sql<Gap>(
    `SELECT CASE feed.kind WHEN 'ticks' THEN 'kite' ELSE 'dhan-' || feed.kind END AS feed, cause,
       (extract(epoch FROM from_time) * 1e6)::float8 AS "fromUs", coalesce((extract(epoch FROM to_time) * 1e6)::float8, 'Infinity') AS "toUs"
     FROM gehra.feed_gaps JOIN gehra.feeds AS feed USING (feed_id) ORDER BY from_time`,
  );
}
