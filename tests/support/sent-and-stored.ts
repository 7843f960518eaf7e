/** What the exchange handed to sockets and what stands in the database, series by series and frame by frame, to be compared. */
import type { SentSeries } from './instance.ts';

/** An instance whose exchange and database can be asked. */
export interface Recorded {
  exchange<T>(pathAndQuery: string): Promise<T>;
  sql<Row extends object>(text: string, values?: unknown[]): Promise<Row[]>;
}

export interface LedgerFrame {
  readonly sentUs: number;
  readonly checksum: number;
}

export interface StoredFrame {
  readonly feedId: number;
  /** When it was received, µs. */
  readonly stampUs: number;
  readonly checksum: number;
}

export interface Gap {
  readonly feedId: number;
  /** In the exchange's words: `kite`, `dhan-depth200`. */
  readonly feed: string;
  readonly fromUs: number;
  /** Infinity while it is open. */
  readonly toUs: number;
  readonly cause: string;
}

export interface Outage {
  readonly feed: string;
  readonly kind: string;
  readonly instrument: string;
  readonly fromUs: number;
  /** null while it lasts. */
  readonly toUs: number | null;
}

const LEDGER_PAGE = 100_000;

/** Every frame of a series that a socket has taken, in order. */
export async function sentFrames(
  recorded: Recorded,
  { feed, kind, instrument }: Pick<SentSeries, 'feed' | 'kind' | 'instrument'>,
): Promise<LedgerFrame[]> {
  const all: LedgerFrame[] = [];
  for (;;) {
    const from = String(all.length + 1);
    const query = new URLSearchParams({ feed, kind, instrument, from, limit: String(LEDGER_PAGE) });
    const { frames } = await recorded.exchange<{ frames: LedgerFrame[] }>(`/ledger?${query}`);
    all.push(...frames);
    if (frames.length < LEDGER_PAGE) return all;
  }
}

const TICK_MODES: Readonly<Record<string, number>> = { ltp: 1, quote: 2, full: 3, index: 4, index_quote: 4 };
const STAMP_US = '(extract(epoch FROM time) * 1e6)::float8 AS "stampUs"';

/** Every frame of a series that is stored, in the order in which it was received. */
export async function storedFrames(
  recorded: Recorded,
  { feed, kind, instrument }: Pick<SentSeries, 'feed' | 'kind' | 'instrument'>,
): Promise<StoredFrame[]> {
  const [exchange, symbol] = instrument.split(':');
  const rows =
    feed === 'kite'
      ? await recorded.sql<StoredFrame>(
          `SELECT feed_id AS "feedId", ${STAMP_US}, gehra.tick_checksum(tick) AS checksum
           FROM gehra.ticks AS tick JOIN gehra.instruments USING (instrument_id)
           WHERE exchange = $1 AND symbol = $2 AND mode = $3 AND ($4 <> 'index_quote' OR exchange_time IS NULL)
             AND ($4 <> 'index' OR exchange_time IS NOT NULL)
           ORDER BY time, n`,
          [exchange === 'NSE' && kind.startsWith('index') ? 'INDICES' : exchange, symbol, TICK_MODES[kind], kind],
        )
      : await recorded.sql<StoredFrame>(
          `SELECT feed_id AS "feedId", ${STAMP_US}, gehra.depth_checksum(prices, quantities, orders) AS checksum
           FROM gehra.depth_snapshots JOIN gehra.instruments USING (instrument_id) JOIN gehra.feeds AS feed USING (feed_id)
           WHERE exchange = $1 AND symbol = $2 AND feed.kind = $3 AND side = $4 ORDER BY time, n`,
          [exchange, symbol, feed.replace('dhan-', ''), kind === 'bid' ? 0 : 1],
        );
  return rows.map((row) => ({ ...row, checksum: Number(row.checksum) }));
}

export const storedGaps = (recorded: Recorded): Promise<Gap[]> =>
  recorded.sql<Gap>(
    `SELECT feed_id AS "feedId", CASE feed.kind WHEN 'ticks' THEN 'kite' ELSE 'dhan-' || feed.kind END AS feed, cause,
       (extract(epoch FROM from_time) * 1e6)::float8 AS "fromUs", coalesce((extract(epoch FROM to_time) * 1e6)::float8, 'Infinity') AS "toUs"
     FROM gehra.feed_gaps JOIN gehra.feeds AS feed USING (feed_id) ORDER BY from_time`,
  );

/** When the exchange had nobody to send to, or was told to keep something back. */
export const outagesOf = async (recorded: Recorded): Promise<Outage[]> =>
  (await recorded.exchange<{ outages: Outage[] }>('/outages')).outages;
