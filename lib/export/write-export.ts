/**
 * Writes an export: rows as they come from the database, a piece of the interval at a time. Nothing is held for longer than a
 * piece's query: a query over hours would keep retention waiting for the table, and the writers behind it. The pieces fit
 * together without a common snapshot, because nothing before the position of a feed ever changes.
 */
import type { Client } from '../../db/connect.ts';
import { gapsBetween, positionOf } from '../../db/depth.ts';
import {
  depthFrames,
  type FeedTrade,
  feedsWithRows,
  feedTrades,
  type RowsQuery,
  type StoredTable,
  secondBars,
  tickRows,
} from '../../db/export-rows.ts';
import { PAIR_WINDOW_US } from '../book/pair.ts';
import { SideChanges } from '../book/side-changes.ts';
import { isPresent } from '../core/absent.ts';
import type { ExportKind, ExportValue } from '../core/exports.ts';
import { ASK, BID, SideLevels } from '../core/side.ts';
import { BAR_INTERVALS } from '../orderflow/bar-intervals.ts';
import { appendBar, type Bar, barStart, deltaOf, newBar, vwapOf } from '../orderflow/bars.ts';
import { aboutExport, type ExportFacts, type ExportGap, missedHoles } from './about.ts';
import { type ExportAsk, ExportError } from './ask.ts';
import { COLUMNS_OF_KIND, TICK_COLUMNS } from './columns.ts';
import { HftbacktestWriter } from './hftbacktest-writer.ts';
import { ParquetWriter } from './parquet-writer.ts';
import { RowBatch } from './row-batch.ts';
import { FileSink, type Sink } from './sink.ts';
import { CsvWriter, NdjsonWriter, type RowWriter } from './text-writer.ts';

const SECOND_US = 1_000_000;
const MINUTE_US = 60 * SECOND_US;
/** What is asked of the database at once: a day of depth at 80 frames a second is 1,440 pieces of 25 MB. */
const PIECE_US: Readonly<Record<ExportKind, number>> = {
  ticks: 15 * MINUTE_US,
  bars: 24 * 60 * MINUTE_US,
  depth_levels: MINUTE_US,
  depth_sides: MINUTE_US,
  hftbacktest: MINUTE_US,
};
/** Rows of a batch, which of Parquet are a row group: some MB each. */
const BATCH_ROWS: Readonly<Record<Exclude<ExportKind, 'hftbacktest'>, number>> = {
  ticks: 5000,
  bars: 10_000,
  depth_levels: 50_000,
  depth_sides: 1000,
};

const TABLE_OF_KIND: Readonly<Record<ExportKind, StoredTable>> = {
  ticks: 'ticks',
  bars: 'bars',
  depth_levels: 'depth',
  depth_sides: 'depth',
  hftbacktest: 'depth',
};
export const tableOf = (kind: ExportKind): StoredTable => TABLE_OF_KIND[kind];

export interface ExportProgress {
  /** Of the interval, 0 to 1. */
  readonly share: number;
  readonly rows: number;
  readonly bytes: number;
}

export interface WriteParts {
  /** Of the export's own: it is used for one query after the other, and unusable where this throws. */
  readonly client: Client;
  readonly sink: Sink;
  /** Told after each piece, and waited for; what it throws ends the export. */
  onProgress(progress: ExportProgress): Promise<void> | void;
  /** Days after which rows are deleted; 0: never. */
  readonly keepDays: { readonly depth: number; readonly ticks: number };
  /** Wall clock, µs. */
  readonly nowUs: () => number;
}

export interface Written {
  readonly rows: number;
  readonly bytes: number;
  /** Holes in it, closed markets not counted. */
  readonly gaps: number;
  /** JSON that belongs beside the file. */
  readonly about: string;
}

const US_PER_DAY = 86_400_000_000;

/** @throws ExportError for what cannot be, or whatever the database or the sink fail with */
export async function writeExport(ask: ExportAsk, parts: WriteParts): Promise<Written> {
  const run = new ExportRun(ask, parts);
  return run.write();
}

class ExportRun {
  private readonly silence = new Silence();
  private rows = 0;

  constructor(
    private readonly ask: ExportAsk,
    private readonly parts: WriteParts,
  ) {}

  async write(): Promise<Written> {
    const { ask, parts } = this;
    const source = await this.findSource();
    if (ask.kind === 'hftbacktest') await this.writeEvents(source);
    else await this.writeTable(source, ask.kind);
    const facts = this.facts(source);
    return {
      rows: this.rows,
      bytes: parts.sink.bytes,
      gaps: missedHoles(ask, facts).length,
      about: aboutExport(ask, facts),
    };
  }

  private async findSource(): Promise<Source> {
    const { ask, parts } = this;
    const { client } = parts;
    const { fromUs, toUs, instrument } = ask;
    const interval = { instrumentId: instrument.id, fromUs, toUs };
    const found = await feedsWithRows(client, tableOf(ask.kind), interval);
    const feedId = ask.feedId ?? found[0] ?? null;
    const tradesFeedId =
      ask.kind === 'hftbacktest' ? ((await feedsWithRows(client, 'ticks', interval))[0] ?? null) : null;
    let completeToUs = toUs;
    const gaps: ExportGap[] = [];
    for (const id of new Set([feedId, tradesFeedId])) {
      if (id === null) continue;
      completeToUs = Math.min(completeToUs, await positionOf(client, id));
      const ofFeed = await gapsBetween(client, instrument.id, id, fromUs, toUs);
      gaps.push(...ofFeed.map((gap) => ({ feedId: id, ...gap })));
    }
    return { feedId, tradesFeedId, otherFeedIds: found.filter((id) => id !== feedId), completeToUs, gaps };
  }

  /** Pieces of the interval up to where everything is stored; the progress is told after each. */
  private async *pieces({ feedId, completeToUs }: Source): AsyncGenerator<RowsQuery> {
    const { ask, parts } = this;
    const { fromUs, toUs, instrument } = ask;
    // The second in which what is stored ends is not whole yet.
    const storedToUs = ask.kind === 'bars' ? Math.floor(completeToUs / SECOND_US) * SECOND_US : completeToUs;
    const endUs = completeToUs < toUs ? storedToUs : toUs;
    for (let at = fromUs; feedId !== null && at < endUs; at += PIECE_US[ask.kind]) {
      const pieceTo = Math.min(endUs, at + PIECE_US[ask.kind]);
      yield { instrumentId: instrument.id, feedId, fromUs: at, toUs: pieceTo };
      await parts.onProgress({ share: (pieceTo - fromUs) / (toUs - fromUs), rows: this.rows, bytes: parts.sink.bytes });
    }
  }

  private async writeTable(source: Source, kind: Exclude<ExportKind, 'hftbacktest'>): Promise<void> {
    const writer = this.rowWriter();
    const batch = new RowBatch(COLUMNS_OF_KIND[kind].length);
    const writeBatch = async (): Promise<void> => {
      await writer.write(batch);
      batch.clear();
    };
    const add = (us: number, row: readonly ExportValue[]): void => {
      batch.add(row);
      this.rows += 1;
      this.silence.note(us);
    };
    await writer.begin();
    const bars = kind === 'bars' ? new BarFold(this.ask, (bar) => add(bar.fromUs, barRow(bar))) : null;
    const levels = new SideLevels();
    for await (const query of this.pieces(source)) {
      if (bars) {
        for await (const seconds of secondBars(this.parts.client, query)) {
          for (const second of seconds) bars.add(second);
          if (batch.count >= BATCH_ROWS[kind]) await writeBatch();
        }
      } else if (kind === 'ticks') {
        for await (const rows of tickRows(this.parts.client, query, TICK_COLUMNS)) {
          for (const row of rows) add(row[0] as number, row);
          if (batch.count >= BATCH_ROWS[kind]) await writeBatch();
        }
      } else {
        for await (const frames of depthFrames(this.parts.client, query, source.completeToUs)) {
          for (const frame of frames) {
            frame.read(levels);
            const name = [frame.stampUs, frame.bookTimeUs, frame.n, frame.side === BID ? 'bid' : 'ask', frame.flags];
            if (kind === 'depth_sides') add(frame.stampUs, [...name, ...listsOf(levels)]);
            else addLevels(levels, (row) => add(frame.stampUs, [...name, ...row]));
            if (batch.count >= BATCH_ROWS[kind]) await writeBatch();
          }
        }
      }
    }
    bars?.end();
    await writeBatch();
    await writer.end(aboutExport(this.ask, this.facts(source)));
  }

  private rowWriter(): RowWriter {
    const { ask, parts } = this;
    const columns = COLUMNS_OF_KIND[ask.kind];
    if (ask.format === 'csv') return new CsvWriter(parts.sink, columns);
    if (ask.format === 'ndjson') return new NdjsonWriter(parts.sink, columns);
    if (ask.format === 'parquet') return new ParquetWriter(parts.sink, columns);
    throw new ExportError(`${ask.kind} cannot be had as ${ask.format}`);
  }

  private async writeEvents(source: Source): Promise<void> {
    const { ask, parts } = this;
    if (!(parts.sink instanceof FileSink)) {
      throw new ExportError(
        'An event file says at its beginning how many events it has: it can only be written to a file.',
      );
    }
    const writer = new HftbacktestWriter(parts.sink, ask.instrument.priceScale);
    await writer.begin();
    const changes = [new SideChanges(BID), new SideChanges(ASK)] as const;
    const levels = new SideLevels();
    const holes = source.gaps.filter(({ feedId }) => feedId === source.feedId).toSorted((a, b) => a.fromUs - b.fromUs);
    let hole = 0;
    /** Empties the book where a hole begins before `us`: nothing is carried over it. */
    const clearBefore = (us: number): void => {
      for (let next = holes[hole]; next && next.fromUs < us; next = holes[hole]) {
        // At the beginning of a gap its feed was heard for the last time.
        const atUs = next.fromUs + 1;
        for (const side of [BID, ASK] as const) changes[side].clear((price) => writer.depth(atUs, side, price, 0));
        hole += 1;
      }
    };
    let tradesToUs = ask.fromUs;
    let trades: FeedTrade[] = [];
    let trade = 0;
    for await (const query of this.pieces(source)) {
      // The last book of a piece may reach a little over its end, and a trade may stand before it there.
      const untilUs = Math.min(ask.toUs, source.completeToUs, query.toUs + PAIR_WINDOW_US);
      trades = [
        ...trades.slice(trade),
        ...(await this.tradesOf(source, { ...query, fromUs: tradesToUs, toUs: untilUs })),
      ];
      tradesToUs = untilUs;
      trade = 0;
      /** In the order of stamps: what traded until then, and the holes in between. */
      const tradesUntil = async (us: number): Promise<void> => {
        for (let next = trades[trade]; next && next.stampUs <= us; next = trades[trade]) {
          if (writer.isFull) await writer.flush();
          clearBefore(next.stampUs);
          writer.trade(next.stampUs, next.aggressor, next.price, next.quantity);
          trade += 1;
        }
        if (writer.isFull) await writer.flush();
        clearBefore(us);
      };
      for await (const frames of depthFrames(parts.client, query, source.completeToUs)) {
        for (const frame of frames) {
          await tradesUntil(frame.stampUs);
          frame.read(levels);
          changes[frame.side].next(levels, (price, quantity) =>
            writer.depth(frame.stampUs, frame.side, price, quantity),
          );
          this.silence.note(frame.stampUs);
        }
      }
      await tradesUntil(query.toUs - 1);
      this.rows = writer.events;
    }
    await writer.end();
  }

  private async tradesOf({ tradesFeedId }: Source, query: RowsQuery): Promise<FeedTrade[]> {
    return tradesFeedId === null ? [] : feedTrades(this.parts.client, { ...query, feedId: tradesFeedId });
  }

  private facts(source: Source): ExportFacts {
    const { ask, parts, silence } = this;
    const keep = tableOf(ask.kind) === 'depth' ? parts.keepDays.depth : parts.keepDays.ticks;
    return {
      ...source,
      rows: this.rows,
      firstUs: silence.firstUs,
      lastUs: silence.lastUs,
      longestSilence: silence.longest,
      keptFromUs: keep === 0 ? null : parts.nowUs() - keep * US_PER_DAY,
    };
  }
}

interface Source {
  readonly feedId: number | null;
  readonly tradesFeedId: number | null;
  readonly otherFeedIds: readonly number[];
  readonly completeToUs: number;
  readonly gaps: readonly ExportGap[];
}

/** The first row, the last one, and the longest time between two. */
class Silence {
  firstUs: number | null = null;
  lastUs: number | null = null;
  longest: { readonly fromUs: number; readonly toUs: number } | null = null;

  note(us: number): void {
    if (this.lastUs === null) this.firstUs = us;
    else if (us - this.lastUs > (this.longest ? this.longest.toUs - this.longest.fromUs : 0)) {
      this.longest = { fromUs: this.lastUs, toUs: us };
    }
    this.lastUs = us;
  }
}

/** Makes bars of the asked length of those of a second. */
class BarFold {
  private current: Bar | null = null;
  private readonly us: number;

  constructor(
    { interval }: ExportAsk,
    private readonly take: (bar: Bar) => void,
  ) {
    if (interval === null) throw new ExportError('Bars have a length: give an interval.');
    this.us = BAR_INTERVALS[interval];
  }

  add(second: Bar): void {
    const fromUs = barStart(second.fromUs, this.us);
    if (this.current?.fromUs !== fromUs) {
      this.end();
      this.current = newBar(fromUs);
    }
    appendBar(this.current as Bar, second);
  }

  end(): void {
    if (this.current) this.take(this.current);
    this.current = null;
  }
}

const present = (value: number): number | null => (isPresent(value) ? value : null);

/** In the order of the columns. */
const barRow = (bar: Bar): ExportValue[] => [
  bar.fromUs,
  bar.lastUs,
  present(bar.open),
  present(bar.high),
  present(bar.low),
  present(bar.close),
  bar.volume,
  bar.buy,
  bar.sell,
  bar.unknown,
  bar.unattributed,
  deltaOf(bar),
  bar.minDelta,
  bar.maxDelta,
  bar.trades,
  bar.value,
  present(vwapOf(bar)),
  present(bar.oi),
];

const listsOf = ({ prices, quantities, orders, count }: SideLevels): ExportValue[] =>
  [prices, quantities, orders].map((list) => Array.from(list.subarray(0, count)));

function addLevels({ prices, quantities, orders, count }: SideLevels, add: (row: ExportValue[]) => void): void {
  if (count === 0) add([0, null, null, null]);
  for (let i = 0; i < count; i += 1) {
    add([i + 1, prices[i] as number, quantities[i] as number, orders[i] as number]);
  }
}
