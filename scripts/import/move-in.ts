/**
 * Brings a database of the predecessor over: its observations, day by day, into a feed of their own. What it computed with known
 * mistakes (changes since the last tick, sides of trades, toxicities) is computed anew and not read; docs/MOVING_IN.md lists it.
 * A day that is wholly in is passed over by the next run; one that was cut off, or has grown, is taken anew.
 */
import type { Client } from '../../db/connect.ts';
import { CopyRows } from '../../db/copy.ts';
import { UnstorableError, writeDepthRow, writeTickRow } from '../../db/market-rows.ts';
import {
  beginMove,
  countMoved,
  ensureDay,
  finishMove,
  forgetDay,
  lockMoving,
  type MovedCandle,
  type MovedDay,
  movedDays,
  movePositionPast,
  noteDay,
  ownFirstUs,
  ownFirstUsOfSecurities,
  securitiesWithDepth,
  storeMoved,
  storeMovedCandles,
  storeWholeRows,
} from '../../db/moved.ts';
import {
  candlesOf,
  daysOf,
  instrumentsOf,
  isOurs,
  lacking,
  type Shape,
  type SourceDay,
  type SourceSide,
  type SourceTick,
  shapeOf,
  sidesOf,
  TIMED_TABLES,
  type TimedTable,
  ticksOf,
  wholeRowsOf,
} from '../../db/predecessor.ts';
import { ABSENT } from '../../lib/core/absent.ts';
import { TIMEFRAME_NAMES } from '../../lib/core/candles.ts';
import { ASK, BID, MAX_LEVELS, SideLevels } from '../../lib/core/side.ts';
import { enrich, TickStates } from '../../lib/orderflow/enrich.ts';
import { type FlowTick, flowOf } from '../../lib/orderflow/flow-rows.ts';
import { TICK_LEVELS, TICK_MODE, Tick, type TickMode } from '../../lib/orderflow/tick.ts';
import { MovedInstruments } from './moved-instruments.ts';

/** Rows committed together: sides of 200 levels, or ticks. */
const PART_ROWS = 4000;
const US_PER_MINUTE = 60_000_000;
const US_PER_DAY = 86_400_000_000;
/** Hours and minutes between UTC and India, in which some of its days are off. */
const OFF_MINUTES = 330;
/**
 * So large a share of a day's rows must be put into trading hours, and no more than the other lie there before, for its times to be
 * moved. Of a whole day that is off an hour still lies in them.
 */
const MOVED_SHARE = 0.95;
const THERE_SHARE = 0.5;

/** Why rows were left out, in the words that people read. */
const REASON = {
  there: 'there already',
  ours: 'recorded by Gehra itself from then on',
  nameless: 'of an instrument that it does not name',
  unstorable: 'with a number that is none',
  deep: 'beyond 200 levels',
  timeframe: 'of a length that no broker has',
  summed: 'sums over levels that are there',
} as const;

/** It cannot be brought over; the message says why and what to do. */
export class MoveError extends Error {
  override readonly name = 'MoveError';
}

export interface MoveOptions {
  /** host:port/name of the source. */
  readonly name: string;
  /** Slugs of securities, by their number at Dhan, where the source does not know them. */
  readonly securities: ReadonlyMap<number, string>;
  /** What retention keeps here, days; 0: for ever. Older days are not brought over: their depth and ticks would go within the hour. */
  readonly keepDays: { readonly depth: number; readonly ticks: number; readonly signals: number };
  readonly nowUs: number;
  readonly partRows?: number;
  readonly onProgress: (progress: { readonly table: string; readonly day: string; readonly rows: number }) => void;
}

export interface MoveResult {
  /** All days that are in, of this run and of earlier ones. */
  readonly days: readonly MovedDay[];
  /** Days that retention would drop at once, by table. */
  readonly tooOld: ReadonlyMap<TimedTable, readonly string[]>;
  /** Tables that it lacks, or that are something else, with what they lack. */
  readonly absent: readonly string[];
  /** Securities that are kept under a name that was made up. */
  readonly madeUp: readonly { readonly securityId: number; readonly slug: string }[];
}

/** @throws MoveError where it is no such database, another move is under way, or the counts of a day differ */
export async function moveIn(source: Client, target: Client, options: MoveOptions): Promise<MoveResult> {
  if (await isOurs(source)) {
    throw new MoveError('That is a database of Gehra itself: ./gehra backup and ./gehra restore bring it elsewhere.');
  }
  const shape = await shapeOf(source);
  const tables = (Object.keys(TIMED_TABLES) as TimedTable[]).filter((table) => lacking(shape, table).length === 0);
  const absent = (Object.keys(TIMED_TABLES) as TimedTable[]).flatMap((table) =>
    tables.includes(table) ? [] : [shape.has(table) ? `${table} (without ${lacking(shape, table).join(', ')})` : table],
  );
  if (tables.length === 0) {
    throw new MoveError(
      'That database has none of the tables ticks, depth_levels_200, depth_200_snapshots, depth_signals and historical_data in its schema public.',
    );
  }
  if (!(await lockMoving(target)))
    throw new MoveError('A database is being brought over already. Wait for it, then try again.');
  const feedId = await beginMove(target, options.name);
  const instruments = new MovedInstruments(target, await instrumentsOf(source, shape), options.securities);
  const mover = new Mover(source, target, shape, feedId, instruments, options);
  const tooOld = await mover.run(tables);
  await finishMove(target, feedId);
  return { days: await movedDays(target, feedId), tooOld, absent, madeUp: instruments.madeUp };
}

/** Where a time of the source lies here, µs. */
type Placed = (us: number) => number;

class Mover {
  private readonly states = new TickStates();
  private readonly depth = new CopyRows();
  private readonly ticks = new CopyRows();
  private readonly flow: { n: number; tick: FlowTick }[] = [];
  private readonly tick = new Tick();
  private readonly levels = new SideLevels(MAX_LEVELS);
  private leftOut: Record<string, number> = {};
  private pending = 0;

  constructor(
    private readonly source: Client,
    private readonly target: Client,
    private readonly shape: Shape,
    private readonly feedId: number,
    private readonly instruments: MovedInstruments,
    private readonly options: MoveOptions,
  ) {}

  /** @returns days that were passed over as too old */
  async run(tables: readonly TimedTable[]): Promise<Map<TimedTable, string[]>> {
    const { target, feedId } = this;
    const known = new Map((await movedDays(target, feedId)).map((day) => [`${day.table} ${day.day}`, day.sourceRows]));
    const plan: { table: TimedTable; day: SourceDay }[] = [];
    for (const table of tables) {
      for (const day of await daysOf(this.source, table)) plan.push({ table, day });
    }
    // Day by day, and of a day depth before what is summed over it.
    const rank = (table: TimedTable): number => tables.indexOf(table);
    plan.sort((a, b) => (a.day.day === b.day.day ? rank(a.table) - rank(b.table) : a.day.day < b.day.day ? -1 : 1));
    const tooOld = new Map<TimedTable, string[]>();
    for (const [i, { table, day }] of plan.entries()) {
      if (this.isTooOld(table, day.day)) tooOld.set(table, [...(tooOld.get(table) ?? []), day.day]);
      // What is here of a day that has lost rows there may be all there is.
      else if ((known.get(`${table} ${day.day}`) ?? -1) < day.rows) await this.moveDay(table, day);
      if (plan[i + 1]?.day.day !== day.day) await movePositionPast(target, feedId, day.day);
    }
    return tooOld;
  }

  private isTooOld(table: TimedTable, day: string): boolean {
    const { depth, ticks, signals } = this.options.keepDays;
    const keep = { depth_levels_200: depth, ticks, depth_signals: signals, depth_200_snapshots: 0, historical_data: 0 }[
      table
    ];
    return keep > 0 && Date.parse(`${day}T24:00:00+05:30`) * 1000 < this.options.nowUs - keep * US_PER_DAY;
  }

  private async moveDay(table: TimedTable, day: SourceDay): Promise<void> {
    const shiftMinutes = table === 'historical_data' ? 0 : shiftOf(day);
    const placed = (us: number): number => movedUs(us, day.day, shiftMinutes);
    this.leftOut = {};
    let sourceRows = 0;
    const seen = (rows: number): void => {
      sourceRows += rows;
      this.options.onProgress({ table, day: day.day, rows: sourceRows });
    };
    // What an earlier run took of it may stand under another name, or in other places of its times.
    await forgetDay(this.target, this.feedId, table, day.day);
    if (table === 'ticks' || table === 'depth_levels_200') await ensureDay(this.target, day.day);
    if (table === 'depth_levels_200') await this.moveDepth(day.day, placed, seen);
    else if (table === 'ticks') await this.moveTicks(day.day, placed, seen);
    else if (table === 'historical_data') await this.moveCandles(day.day, seen);
    else await this.moveWhole(table, day.day, placed, seen);
    const leftOut = this.leftOut;
    const expected = sourceRows - Object.values(leftOut).reduce((sum, count) => sum + count, 0);
    const storedRows =
      table === 'ticks' || table === 'depth_levels_200'
        ? await countMoved(this.target, this.feedId, table === 'ticks' ? 'ticks' : 'depth', day.day)
        : expected;
    if (storedRows !== expected) {
      throw new MoveError(
        `${table} of ${day.day}: ${sourceRows} rows there, of which ${expected} should be here, and ${storedRows} are. ` +
          'Was something deleted here meanwhile? Import again; if it stays so, please report it.',
      );
    }
    await noteDay(this.target, this.feedId, { table, day: day.day, sourceRows, storedRows, leftOut, shiftMinutes });
  }

  private async moveDepth(day: string, placed: Placed, seen: (rows: number) => void): Promise<void> {
    const own = await ownFirstUs(this.target, 'depth', day);
    for await (const sides of sidesOf(this.source, this.shape, day, this.partRows)) {
      for (const side of sides) await this.takeSide(side, placed(side.us), own);
      await this.commit();
      seen(sides.reduce((sum, { levels }) => sum + levels, 0));
    }
  }

  private async takeSide(side: SourceSide, us: number, own: ReadonlyMap<number, number>): Promise<void> {
    const instrument = await this.instruments.ofSecurity(side.securityId, side.name);
    if (us >= (own.get(instrument.id) ?? Number.POSITIVE_INFINITY)) return this.leave(REASON.ours, side.levels);
    const { levels, feedId } = this;
    levels.count = Math.min(side.levels, MAX_LEVELS);
    if (side.levels > MAX_LEVELS) this.leave(REASON.deep, side.levels - MAX_LEVELS);
    for (let i = 0; i < levels.count; i += 1) {
      levels.prices[i] = Math.round((side.prices[i] as number) * instrument.priceScale);
      levels.quantities[i] = side.quantities[i] as number;
      levels.orders[i] = side.orders[i] as number;
    }
    this.keep(levels.count, () => {
      const place = { instrumentId: instrument.id, side: side.side === 'BID' ? BID : ASK, n: 0, flags: 0 };
      writeDepthRow(this.depth, feedId, { bookTimeUs: us, stampUs: us, ...place, levels });
    });
  }

  private async moveTicks(day: string, placed: Placed, seen: (rows: number) => void): Promise<void> {
    const own = await ownFirstUs(this.target, 'ticks', day);
    // A day that is gone through again begins anew, and so comes to the same.
    this.states.keep(new Set());
    const places = new Map<number, { us: number; n: number }>();
    for await (const ticks of ticksOf(this.source, this.shape, day, this.partRows)) {
      for (const row of ticks) await this.takeTick(row, placed(row.us), own, places);
      await this.commit();
      seen(ticks.length);
    }
  }

  private async takeTick(
    row: SourceTick,
    us: number,
    own: ReadonlyMap<number, number>,
    places: Map<number, { us: number; n: number }>,
  ): Promise<void> {
    const instrument = await this.instruments.ofTick(row);
    if (instrument === null) return this.leave(REASON.nameless, 1);
    if (us >= (own.get(instrument.id) ?? Number.POSITIVE_INFINITY)) return this.leave(REASON.ours, 1);
    const before = places.get(instrument.id);
    const n = before?.us === us ? before.n + 1 : 0;
    places.set(instrument.id, { us, n });
    const { tick, feedId } = this;
    tick.clear();
    tick.instrumentId = instrument.id;
    tick.stampUs = us;
    tick.n = n;
    fillTick(tick, row, instrument.priceScale, instrument.exchange === 'INDICES');
    enrich(tick, this.states.of(instrument.id), instrument.exchange);
    this.keep(1, () => {
      writeTickRow(this.ticks, feedId, tick);
      const flow = flowOf(feedId, tick);
      if (flow) this.flow.push({ n, tick: flow });
    });
  }

  private async moveCandles(day: string, seen: (rows: number) => void): Promise<void> {
    for await (const rows of candlesOf(this.source, this.shape, day, this.partRows)) {
      const candles: MovedCandle[] = [];
      for (const row of rows) {
        const instrument = await this.instruments.ofTick({ ...row, exchange: null, type: null });
        if (instrument === null) this.leave(REASON.nameless, 1);
        else if (!(TIMEFRAME_NAMES as readonly string[]).includes(row.timeframe)) this.leave(REASON.timeframe, 1);
        else {
          const price = (rupees: number): number => Math.round(rupees * instrument.priceScale);
          candles.push({
            instrumentId: instrument.id,
            source: instrument.source,
            timeframe: row.timeframe,
            us: row.us,
            open: price(row.open),
            high: price(row.high),
            low: price(row.low),
            close: price(row.close),
            volume: row.volume,
            oi: row.oi,
          });
        }
      }
      this.leave(REASON.there, candles.length - (await storeMovedCandles(this.target, candles)));
      seen(rows.length);
    }
  }

  private async moveWhole(
    table: 'depth_200_snapshots' | 'depth_signals',
    day: string,
    placed: Placed,
    seen: (rows: number) => void,
  ): Promise<void> {
    const own = await ownFirstUsOfSecurities(this.target, table, day);
    // Of books whose levels are here, sums are made of them.
    const summed = table === 'depth_200_snapshots' ? await securitiesWithDepth(this.target, this.feedId, day) : [];
    const numbers = new Set(summed.map(({ securityId }) => securityId));
    const slugs = new Set(summed.map(({ slug }) => slug));
    const isSummed = (id: number, name: string | null): boolean =>
      numbers.has(id) || (slugs.size > 0 && slugs.has(this.instruments.slugOfSecurity(id, name)));
    for await (const rows of wholeRowsOf(this.source, table, day, this.partRows)) {
      const wanted: Record<string, unknown>[] = [];
      for (const { row } of rows) {
        const us = placed(row.us as number);
        const securityId = row.security_id as number;
        if (isSummed(securityId, (row.instrument_name as string | null) ?? null)) this.leave(REASON.summed, 1);
        else if (us >= (own.get(securityId) ?? Number.POSITIVE_INFINITY)) this.leave(REASON.ours, 1);
        else wanted.push({ ...row, us });
      }
      const stored = await storeWholeRows(this.target, this.feedId, table, wanted);
      this.leave(REASON.there, wanted.length - stored);
      seen(rows.length);
    }
  }

  private get partRows(): number {
    return this.options.partRows ?? PART_ROWS;
  }

  private leave(reason: string, rows: number): void {
    if (rows > 0) this.leftOut[reason] = (this.leftOut[reason] ?? 0) + rows;
  }

  private keep(rows: number, write: () => void): void {
    try {
      write();
      this.pending += 1;
    } catch (error) {
      if (!(error instanceof UnstorableError)) throw error;
      this.leave(REASON.unstorable, rows);
    }
  }

  private async commit(): Promise<void> {
    if (this.pending === 0) return;
    const { depth, ticks, flow } = this;
    await storeMoved(this.target, { depth, ticks, flow });
    depth.clear();
    ticks.clear();
    flow.length = 0;
    this.pending = 0;
  }
}

/** Minutes to add to a day's times: not 0 where nearly all lie in the trading hours when moved by 5 h 30 min, and most do not as they are. */
export function shiftOf({ rows, inHours, inHoursEarlier, inHoursLater }: Omit<SourceDay, 'day'>): number {
  if (inHours > THERE_SHARE * rows) return 0;
  if (inHoursEarlier >= MOVED_SHARE * rows) return -OFF_MINUTES;
  if (inHoursLater >= MOVED_SHARE * rows) return OFF_MINUTES;
  return 0;
}

/** A time of a day moved by minutes, µs; as it is where that would be another day, in which nobody would look for it. */
export function movedUs(us: number, day: string, minutes: number): number {
  const from = Date.parse(`${day}T00:00:00+05:30`) * 1000;
  const moved = us + minutes * US_PER_MINUTE;
  return moved >= from && moved < from + US_PER_DAY ? moved : us;
}

/** What a tick of the source says; a price of 0 is one that it did not know. */
export function fillTick(tick: Tick, row: SourceTick, priceScale: number, isIndex: boolean): void {
  const price = (rupees: number | null): number => (rupees ? Math.round(rupees * priceScale) : ABSENT);
  const number = (value: number | null): number => value ?? ABSENT;
  tick.mode = modeOf(row, isIndex);
  tick.lastPrice = price(row.lastPrice);
  tick.averagePrice = price(row.averagePrice);
  tick.open = price(row.open);
  tick.high = price(row.high);
  tick.low = price(row.low);
  tick.close = price(row.close);
  if (tick.mode !== TICK_MODE.ltp && tick.mode !== TICK_MODE.index) {
    tick.lastQuantity = number(row.lastQuantity);
    tick.volume = number(row.volume);
    tick.buyQuantity = number(row.buyQuantity);
    tick.sellQuantity = number(row.sellQuantity);
    tick.oi = number(row.oi);
    tick.oiDayHigh = number(row.oiDayHigh);
    tick.oiDayLow = number(row.oiDayLow);
  }
  tick.lastTradeTime = row.lastTradeS ? Math.floor(row.lastTradeS) : ABSENT;
  fillLevels(tick.bids, priceScale, row.bidPrices, row.bidQuantities, row.bidOrders);
  fillLevels(tick.asks, priceScale, row.askPrices, row.askQuantities, row.askOrders);
}

function modeOf({ mode, bidPrices, askPrices }: SourceTick, isIndex: boolean): TickMode {
  if (isIndex) return TICK_MODE.index;
  if (mode === 'ltp') return TICK_MODE.ltp;
  return mode === 'full' || bidPrices !== null || askPrices !== null ? TICK_MODE.full : TICK_MODE.quote;
}

function fillLevels(
  side: SideLevels,
  priceScale: number,
  prices: readonly number[] | null,
  quantities: readonly number[] | null,
  orders: readonly number[] | null,
): void {
  side.count = 0;
  for (const [i, rupees] of (prices ?? []).entries()) {
    if (side.count === TICK_LEVELS) return;
    if (!(rupees > 0)) continue;
    side.prices[side.count] = Math.round(rupees * priceScale);
    side.quantities[side.count] = quantities?.[i] ?? 0;
    side.orders[side.count] = orders?.[i] ?? 0;
    side.count += 1;
  }
}
