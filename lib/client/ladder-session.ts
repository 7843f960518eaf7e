/**
 * A ladder of one instrument, from the stream to the pixels. The page is told of the state when it changes, and of numbers a few times a
 * second; books never pass through it.
 */

import type { InstrumentSummary } from '../core/instrument.ts';
import { ASK, BID, type Side } from '../core/side.ts';
import { type Connection, type PageState, pageState } from '../heatmap/page-state.ts';
import { NO_BEST } from '../ladder/best-trail.ts';
import { LadderModel, type SideLook } from '../ladder/ladder-model.ts';
import type { LadderSettings } from '../ladder/ladder-settings.ts';
import { LadderEngine } from '../render/ladder-engine.ts';
import { readTheme } from '../render/theme.ts';
import { followLive, type LiveFeed } from './live-feed.ts';
import { type PaneCanvas, paneCanvas } from './pane-canvas.ts';
import { asProblem } from './problem.ts';
import { ServerClock } from './server-clock.ts';
import type { StreamStatus } from './stream-events.ts';
import { fetchTraded } from './traded-loader.ts';

/** Numbers go to the page this often, ms: fast enough to follow, slow enough to read. */
const READOUT_MS = 250;
/** The table, which is read out, ms. */
const TABLE_MS = 1000;
/** What has traded is asked for this often, and sooner while something of it is missing, ms. */
const TRADED_MS = 20_000;
const TRADED_SOON_MS = 1500;

/** Of one side over all its levels. Units. */
export interface SideReadout {
  readonly look: SideLook;
  readonly total: number;
  readonly orders: number;
  readonly levels: number;
  /** Null before the first frame. */
  readonly ageMs: number | null;
}

/** Prices in price units, quantities in units. */
export interface PointedRow {
  readonly price: number;
  readonly bid: number;
  readonly bidOrders: number;
  readonly ask: number;
  readonly askOrders: number;
  readonly bought: number;
  readonly sold: number;
  readonly unknown: number;
}

export interface LadderReadout {
  readonly bid: SideReadout;
  readonly ask: SideReadout;
  /** Price units; null unless both sides are as they stand now. */
  readonly spread: number | null;
  /** Price units; null before the first tick. */
  readonly lastPrice: number | null;
  readonly held: boolean;
  readonly pointed: PointedRow | null;
  /** Why what has traded is not known; null where it is. */
  readonly tradedFault: string | null;
}

/** A row of the table: visible rows that hold or traded anything, highest price first. */
export type LadderTableRow = PointedRow;

export interface LadderHandlers {
  onState(state: PageState): void;
  onReadout(readout: LadderReadout): void;
  onTable(rows: readonly LadderTableRow[]): void;
}

/** What tests and the bench read. */
export interface LadderStats {
  readonly pictures: number;
  readonly rowsDrawn: number;
  readonly drawMsP50: number;
  readonly drawMsP95: number;
}

export class LadderSession {
  readonly engine: LadderEngine;
  private readonly clock = new ServerClock();
  private readonly model: LadderModel;
  private readonly feed: LiveFeed;
  private readonly surface: PaneCanvas;
  private readonly timers: ReturnType<typeof setInterval>[] = [];
  private readonly abort = new AbortController();
  private tradedTimer: ReturnType<typeof setTimeout> | undefined;
  private connection: Connection = { kind: 'connecting' };
  private status: StreamStatus | null = null;
  private sentState = '';
  private tradedFault: string | null = null;

  constructor(
    host: HTMLElement,
    private readonly instrument: InstrumentSummary,
    settings: LadderSettings,
    private readonly handlers: LadderHandlers,
  ) {
    this.model = new LadderModel(instrument.id);
    const surface = paneCanvas(host);
    this.surface = surface;
    const nowUs = () => this.clock.nowUs();
    this.engine = new LadderEngine(surface.canvas, nowUs, this.model, instrument, readTheme(host), settings);
    surface.watch({
      onSize: (width, height, pixelRatio) => this.engine.resize(width, height, pixelRatio),
      onTheme: (theme) => this.engine.setTheme(theme),
    });
    this.feed = followLive('', instrument.id, {
      onHello: ({ serverTimeUs }) => {
        this.clock.heard(serverTimeUs);
        this.model.connected();
        this.loadTradedSoon();
      },
      onMessages: (bytes) => {
        this.model.read(bytes);
        this.engine.invalidate();
      },
      onStatus: (status) => {
        this.clock.heard(status.serverTimeUs);
        this.status = status;
      },
      onConnection: (connection) => {
        this.connection = connection;
        this.engine.heard = connection.kind === 'open';
        this.engine.invalidate();
        this.tellState();
      },
    });
    this.timers.push(setInterval(() => this.everyReadout(), READOUT_MS));
    this.timers.push(setInterval(() => this.handlers.onTable(this.table()), TABLE_MS));
    this.tellState();
  }

  retryNow(): void {
    this.feed.retryNow();
  }

  stop(): void {
    for (const timer of this.timers) clearInterval(timer);
    clearTimeout(this.tradedTimer);
    this.abort.abort();
    this.feed.stop();
    this.engine.stop();
    this.surface.stop();
  }

  stats(): LadderStats {
    const { drawTimes, rowsDrawn } = this.engine;
    return {
      pictures: drawTimes.count,
      rowsDrawn,
      drawMsP50: drawTimes.percentile(0.5),
      drawMsP95: drawTimes.percentile(0.95),
    };
  }

  private everyReadout(): void {
    // Sides become old by themselves.
    this.engine.invalidate();
    this.tellState();
    this.handlers.onReadout(this.readout());
  }

  private tellState(): void {
    const { model } = this;
    const name = this.status?.instruments[model.instrumentId]?.feed;
    const state = pageState({
      connection: this.connection,
      history: { kind: 'idle' },
      feed: (name ? this.status?.feeds[name] : undefined) ?? null,
      bidStampUs: model.stampOf(BID),
      askStampUs: model.stampOf(ASK),
      gapOpen: model.gaps.open,
      nowUs: this.clock.nowUs(),
    });
    const said = `${state.kind} ${state.title} ${state.detail}`;
    if (said === this.sentState) return;
    this.sentState = said;
    this.handlers.onState(state);
  }

  private readout(): LadderReadout {
    const { model, engine } = this;
    const [bid, ask] = [this.sideReadout(BID), this.sideReadout(ASK)];
    const isBook = bid.look === 'live' && ask.look === 'live';
    const [bestBid, bestAsk] = [model.bestOf(BID), model.bestOf(ASK)];
    const pointed = engine.pointedRow;
    const at = pointed === null ? -1 : engine.rows.top - pointed;
    return {
      bid,
      ask,
      spread: isBook && bestBid !== NO_BEST && bestAsk !== NO_BEST ? bestAsk - bestBid : null,
      lastPrice: model.lastTick.stampUs === 0 ? null : model.lastTick.lastPrice,
      held: engine.held,
      pointed: at >= 0 && at < engine.rows.count ? this.rowAt(at) : null,
      tradedFault: this.tradedFault,
    };
  }

  private sideReadout(side: Side): SideReadout {
    const { total, totalOrders, levels, look } = this.engine.rows.sides[side];
    const stampUs = this.model.stampOf(side);
    const ageMs = stampUs === 0 ? null : Math.max(0, (this.clock.nowUs() - stampUs) / 1000);
    return { look, total, orders: totalOrders, levels, ageMs };
  }

  private rowAt(at: number): PointedRow {
    const { rows } = this.engine;
    const [bid, ask] = rows.sides;
    return {
      price: (rows.top - at) * rows.rowUnits,
      bid: bid.quantities[at] as number,
      bidOrders: bid.orders[at] as number,
      ask: ask.quantities[at] as number,
      askOrders: ask.orders[at] as number,
      bought: rows.buys[at] as number,
      sold: rows.sells[at] as number,
      unknown: rows.unknowns[at] as number,
    };
  }

  private table(): LadderTableRow[] {
    const { rows } = this.engine;
    const isLive = rows.sides.map(({ look }) => look === 'live');
    const table: LadderTableRow[] = [];
    for (let at = 0; at < rows.count; at += 1) {
      const row = this.rowAt(at);
      // Nothing is read out of a side that is out of date.
      const told = {
        ...row,
        ...(isLive[BID] ? {} : { bid: 0, bidOrders: 0 }),
        ...(isLive[ASK] ? {} : { ask: 0, askOrders: 0 }),
      };
      if (told.bid + told.ask + told.bought + told.sold + told.unknown > 0) table.push(told);
    }
    return table;
  }

  private loadTradedSoon(): void {
    clearTimeout(this.tradedTimer);
    this.tradedTimer = setTimeout(() => void this.loadTraded(), TRADED_SOON_MS);
  }

  private async loadTraded(): Promise<void> {
    let isWhole = false;
    try {
      const stored = await fetchTraded(this.instrument.slug, this.clock.nowUs(), this.abort.signal);
      if (stored) {
        this.model.traded.setStored(stored.prices, stored.trades, stored.completeToUs);
        // The stream's own part must reach back to where the stored part ends.
        isWhole = this.model.heardFromUs > 0 && stored.completeToUs >= this.model.heardFromUs;
        this.engine.invalidate();
      }
      this.tradedFault = null;
    } catch (error) {
      if (this.abort.signal.aborted) return;
      this.tradedFault = asProblem(error).detail;
    }
    if (this.abort.signal.aborted) return;
    clearTimeout(this.tradedTimer);
    this.tradedTimer = setTimeout(() => void this.loadTraded(), isWhole ? TRADED_MS : TRADED_SOON_MS);
  }
}
