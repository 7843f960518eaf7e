/**
 * Brings one recording into the database: every trade a tick, every change of the book a frame of both sides, at the recording's
 * own times. The recording is always gone through from its beginning; what the session holds already is passed over.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Client } from '../../db/connect.ts';
import { CopyRows } from '../../db/copy.ts';
import { beginImport, type ImportSession, storeImport } from '../../db/imports.ts';
import { UnstorableError, writeDepthRow, writeTickRow } from '../../db/market-rows.ts';
import { ABSENT } from '../../lib/core/absent.ts';
import { ASK, BID, type SideLevels } from '../../lib/core/side.ts';
import { completePrint, enrich, newTickState } from '../../lib/orderflow/enrich.ts';
import { type FlowTick, flowOf } from '../../lib/orderflow/flow-rows.ts';
import { TICK_LEVELS, TICK_MODE, Tick } from '../../lib/orderflow/tick.ts';
import { fileOf, openRecordingFile } from '../../lib/recordings/open.ts';
import type { Quote } from '../../lib/recordings/quote.ts';
import { RecordingError } from '../../lib/recordings/recording.ts';
import { ReplayMarket } from '../../lib/recordings/replay-market.ts';

/** Rows committed together: of 200 levels they take 10 MB. */
const PART_ROWS = 4000;
/** Bad lines of which the reason is kept; more are only counted. */
const NAMED_LINES = 10;
const US_PER_S = 1_000_000;

export interface BadLines {
  count: number;
  /** The first ones: `line 17: no Shanghai event`. */
  readonly named: string[];
}

export interface ImportProgress {
  /** Market time reached, µs. */
  readonly atUs: number;
  readonly ticks: number;
  /** Side frames. */
  readonly books: number;
  readonly badLines: number;
}

export interface ImportResult {
  readonly session: ImportSession;
  /** Rows stored now. */
  readonly ticks: number;
  readonly books: number;
  readonly bad: BadLines;
  /** True where everything was there already. */
  readonly wasComplete: boolean;
}

/**
 * @param nowUs wall clock: a recording of the future has another unit of time by mistake
 * @throws RecordingError where it is no recording that can be kept
 */
export async function importRecording(
  client: Client,
  target: string,
  nowUs: number,
  onProgress: (progress: ImportProgress) => void,
): Promise<ImportResult> {
  const recording = await openRecordingFile(target);
  const [instrument] = recording.instruments;
  if (!instrument) throw new RecordingError(`${target} names no instrument`);
  if (recording.isSummary) {
    throw new RecordingError(
      `${target} holds sums over the levels of each side and no levels: there is no book in it to keep`,
    );
  }
  const file = fileOf(target);
  const session = await beginImport(client, {
    sha256: await sha256Of(file),
    file: path.basename(file),
    name: recording.name,
    scaling: instrument.scaling,
    instrument,
  });
  const bad: BadLines = { count: 0, named: [] };
  if (session.finished) return { session, ticks: 0, books: 0, bad, wasComplete: true };
  const market = await ReplayMarket.open(recording, (line, reason) => {
    bad.count += 1;
    if (bad.named.length < NAMED_LINES) bad.named.push(`line ${line}: ${reason}`);
  });
  const part = new Part(session, market, bad);
  const listener = { book: (i: number) => part.book(i), tick: (i: number) => part.quote(i) };
  try {
    for (;;) {
      if (market.loading !== null) {
        await market.loading;
        continue;
      }
      const nextUs = market.nextUs();
      if (nextUs === Number.POSITIVE_INFINITY) break;
      if (nextUs > nowUs) throw new RecordingError(`${target}: its time lies in the future`);
      if (nextUs > part.atUs && part.rows >= PART_ROWS) {
        await part.commit(client, false);
        onProgress(part.progress);
      }
      market.advance(nextUs, listener);
    }
    await part.commit(client, true);
    onProgress(part.progress);
  } finally {
    await market.close();
  }
  return { session, ticks: part.progress.ticks, books: part.progress.books, bad, wasComplete: false };
}

/** Rows made of what the market shows, until they are committed. */
class Part {
  /** Time of the newest rows, µs. */
  atUs = 0;
  private readonly depth = new CopyRows();
  private readonly ticks = new CopyRows();
  private readonly flow: { n: number; tick: FlowTick }[] = [];
  private readonly tick = new Tick();
  private readonly state = newTickState();
  private lastPrice = ABSENT;
  /** Places of the next rows within their stamp. */
  private nextTick = 0;
  private nextSide = 0;
  private committedUs: number;
  private tickRows = 0;
  private sideRows = 0;
  private tickTotal = 0;
  private sideTotal = 0;

  constructor(
    private readonly session: ImportSession,
    private readonly market: ReplayMarket,
    private readonly bad: BadLines,
  ) {
    this.committedUs = session.positionUs;
  }

  get rows(): number {
    return this.tickRows + this.sideRows;
  }

  get progress(): ImportProgress {
    const { atUs, tickTotal, sideTotal, bad } = this;
    return { atUs, ticks: tickTotal, books: sideTotal, badLines: bad.count };
  }

  book(instrument: number): void {
    this.moveTo(this.market.nowUs);
    const { session, depth, atUs } = this;
    for (const side of [BID, ASK] as const) {
      const n = this.nextSide;
      this.nextSide += 1;
      if (this.isThere) continue;
      const levels = this.market.levels(instrument, side);
      const row = { bookTimeUs: atUs, stampUs: atUs, instrumentId: session.instrumentId, side, n, flags: 0, levels };
      this.keep(() => {
        writeDepthRow(depth, session.feedId, row);
        this.sideRows += 1;
      });
    }
  }

  /** Trades and quotes are gone through also where they are stored already: what comes after is told against them. */
  quote(instrument: number): void {
    this.moveTo(this.market.nowUs);
    const { tick, market, session } = this;
    const n = this.nextTick;
    this.nextTick += 1;
    tick.clear();
    tick.instrumentId = session.instrumentId;
    tick.stampUs = this.atUs;
    tick.n = n;
    fill(tick, market.quote(instrument));
    copyBest(market.levels(instrument, BID), tick.bids);
    copyBest(market.levels(instrument, ASK), tick.asks);
    const exchange = market.instruments[instrument]?.exchange ?? 'NSE';
    if (market.print) completePrint(tick, market.print.quantity, market.print.aggressor, this.lastPrice);
    else enrich(tick, this.state, exchange);
    this.lastPrice = tick.lastPrice;
    if (this.isThere) return;
    this.keep(() => {
      writeTickRow(this.ticks, session.feedId, tick);
      const flow = flowOf(session.feedId, tick);
      if (flow) this.flow.push({ n, tick: flow });
      this.tickRows += 1;
    });
  }

  async commit(client: Client, isLast: boolean): Promise<void> {
    const { session, committedUs, depth, ticks, flow, bad } = this;
    const toUs = Math.max(this.atUs, committedUs);
    await storeImport(client, {
      feedId: session.feedId,
      afterUs: committedUs,
      toUs,
      depth,
      ticks,
      flow,
      badLines: bad.count,
      isLast,
    });
    this.committedUs = toUs;
    this.tickTotal += this.tickRows;
    this.sideTotal += this.sideRows;
    this.tickRows = 0;
    this.sideRows = 0;
    depth.clear();
    ticks.clear();
    flow.length = 0;
  }

  private get isThere(): boolean {
    return this.atUs <= this.session.positionUs;
  }

  private moveTo(us: number): void {
    if (us === this.atUs) return;
    this.atUs = us;
    this.nextTick = 0;
    this.nextSide = 0;
  }

  /** A number that no column holds: its row is left out and counted among the bad lines. */
  private keep(write: () => void): void {
    try {
      write();
    } catch (error) {
      if (!(error instanceof UnstorableError)) throw error;
      this.bad.count += 1;
      if (this.bad.named.length < NAMED_LINES) this.bad.named.push(`at ${this.atUs} µs: ${error.message}`);
    }
  }
}

/** What a quote does not know is 0 there, and absent in a tick. */
function fill(tick: Tick, quote: Quote): void {
  const known = (value: number): number => value || ABSENT;
  tick.mode = quote.volume > 0 ? TICK_MODE.full : TICK_MODE.ltp;
  tick.lastPrice = known(quote.lastPrice);
  tick.lastQuantity = known(quote.lastQuantity);
  tick.averagePrice = known(quote.averagePrice);
  tick.volume = known(quote.volume);
  tick.buyQuantity = known(quote.buyQuantity);
  tick.sellQuantity = known(quote.sellQuantity);
  tick.open = known(quote.open);
  tick.high = known(quote.high);
  tick.low = known(quote.low);
  tick.close = known(quote.previousClose);
  tick.lastTradeTime = known(Math.floor(quote.lastTradeUs / US_PER_S));
  tick.oi = known(quote.oi);
  tick.oiDayHigh = known(quote.oiDayHigh);
  tick.oiDayLow = known(quote.oiDayLow);
}

/** The levels that a tick has. */
function copyBest({ count, prices, quantities, orders }: SideLevels, into: SideLevels): void {
  into.count = Math.min(count, TICK_LEVELS);
  for (let i = 0; i < into.count; i += 1) {
    into.prices[i] = prices[i] as number;
    into.quantities[i] = quantities[i] as number;
    into.orders[i] = orders[i] as number;
  }
}

async function sha256Of(file: string): Promise<Buffer> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest();
}
