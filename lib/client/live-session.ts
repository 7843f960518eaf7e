/**
 * A heatmap of one instrument, from the stream to the pixels: owns the connection, the history, the model and the engine.
 * Runs in a worker where it can; it is spoken to in messages only, so that the page need not know.
 */

import { formatIstDate, istMidnightUs } from '../core/ist.ts';
import type { ReplayClockEvent } from '../core/replay-clock.ts';
import { ASK, BID } from '../core/side.ts';
import { BLOCK_COLUMNS, type ColumnStore } from '../heatmap/column-store.ts';
import { DepthModel, TILES_FROM_TIER } from '../heatmap/depth-model.ts';
import type { Evidence } from '../heatmap/evidence.ts';
import { isOfProfile } from '../heatmap/options.ts';
import { type Connection, type FeedStatus, type PageState, pageState } from '../heatmap/page-state.ts';
import { TIERS_US } from '../heatmap/tiers.ts';
import { leftUs, priceAt } from '../heatmap/view.ts';
import { DIRTY } from '../render/dirty.ts';
import { HeatmapEngine } from '../render/heatmap-engine.ts';
import { fetchHistory } from './depth-history.ts';
import { DepthStream, type StreamHandlers } from './depth-stream.ts';
import { fetchTiled } from './depth-tiles.ts';
import { listenOn } from './feed-port.ts';
import { HistoryLoader } from './history-loader.ts';
import type { LiveFeed } from './live-feed.ts';
import { ReplayClock } from './replay-clock.ts';
import { ServerClock } from './server-clock.ts';
import type {
  BookTable,
  BookTableRow,
  CursorReadout,
  FromSession,
  ProbeAnswer,
  Question,
  SessionReadout,
  SessionStart,
  StatsAnswer,
  ToSession,
  ViewAnswer,
} from './session-messages.ts';
import { SessionProfile } from './session-profile.ts';
import type { StreamStatus } from './stream-events.ts';

/** Readouts go to the page this often, ms: fast enough to follow, slow enough to read. */
const READOUT_MS = 250;
/** The table of the book, which is read out, ms. */
const TABLE_MS = 1000;
/** Numbers at the crosshair, ms. */
const CURSOR_MS = 66;
/** History is fetched when less than this is held before the visible time, and then this far back; in screen widths. */
const MARGIN_SPANS = 0.25;
const AHEAD_SPANS = 1.25;
/** The recorder commits within 250 ms; older than this much, everything is surely there. */
const SETTLE_US = 1_500_000;
/** So much of the width shows what came after a signal. */
const AFTER_SHARE = 0.3;
const DAY_US = 86_400_000_000;
/** Rows of each side in the table. */
const TABLE_ROWS = 20;

export class LiveSession {
  private readonly clock: ServerClock | ReplayClock;
  private readonly model: DepthModel;
  private readonly engine: HeatmapEngine;
  private readonly stream: LiveFeed;
  private readonly history: HistoryLoader;
  private readonly profile: SessionProfile;
  private readonly timers: ReturnType<typeof setInterval>[] = [];
  private connection: Connection = { kind: 'connecting' };
  private status: StreamStatus | null = null;
  private simulated = false;
  private replay: ReplayClockEvent | null = null;
  /** The replay has gone to another time: what comes now is not of this picture. */
  private isPast = false;
  private events = 0;
  private bytes = 0;
  private historyPages = 0;
  private sentCursor = '';
  private sentRange = '';
  /** The view is a person's doing, not another pane's. */
  private moved = false;

  constructor(
    private readonly start: SessionStart,
    private readonly inWorker: boolean,
    private readonly send: (message: FromSession) => void,
  ) {
    const { instrument, origin, canvas, theme, options, size, replayId } = start;
    this.clock = replayId === null ? new ServerClock() : new ReplayClock();
    this.model = new DepthModel(instrument.id);
    const requestFrame = (draw: () => void) => void requestAnimationFrame(draw);
    this.engine = new HeatmapEngine(
      canvas,
      this.clock,
      requestFrame,
      this.model,
      instrument,
      theme,
      options,
      replayId === null,
    );
    this.engine.controller.reducedMotion = start.reducedMotion;
    this.engine.resize(size.width, size.height, size.pixelRatio);
    this.history = new HistoryLoader(
      this.model,
      (tier, interval, signal) => {
        const kind = this.model.tiles[tier]?.kind ?? null;
        return kind && tier >= TILES_FROM_TIER
          ? fetchTiled({ origin, instrument, columnUs: TIERS_US[tier], kind }, interval, this.model.seenUs, signal)
          : fetchHistory(origin, instrument.id, TIERS_US[tier], interval, signal);
      },
      () => this.clock.nowMs(),
      () => this.onPage(),
      () => this.onConnection({ kind: 'signed_out' }),
    );
    this.profile = new SessionProfile(
      origin,
      () => this.clock.nowMs(),
      (rows, rowUnits) => this.engine.setSessionProfile(rows, rowUnits),
    );
    const handlers: StreamHandlers = {
      onHello: (hello) => {
        this.hear(hello);
        if (this.isPast) return;
        this.simulated = hello.simulated;
        this.model.connected(hello.resumedFromUs);
        // With no book to come, history goes up to here.
        this.model.seenUs = Math.max(this.model.seenUs, hello.serverTimeUs);
      },
      onMessages: (bytes) => this.onMessages(bytes),
      onStatus: (status) => {
        this.hear(status);
        this.status = status;
      },
      onConnection: (connection) => this.onConnection(connection),
    };
    this.stream = start.feed
      ? listenOn(start.feed, handlers)
      : replayed(new DepthStream(`${origin}/api/replay/stream?id=${replayId}`, handlers));
    this.timers.push(
      setInterval(() => this.everyReadout(), READOUT_MS),
      setInterval(() => this.send({ type: 'book', table: this.bookTable() }), TABLE_MS),
      setInterval(() => {
        this.sendCursor();
        this.sendRange();
      }, CURSOR_MS),
    );
  }

  handle(message: ToSession): void {
    const { engine } = this;
    switch (message.type) {
      case 'start':
        throw new Error('the session has started already');
      case 'resize':
        engine.resize(message.size.width, message.size.height, message.size.pixelRatio);
        break;
      case 'theme':
        engine.setTheme(message.theme);
        break;
      case 'options':
        engine.setOptions(message.options);
        this.loadProfile();
        this.sendReadout();
        break;
      case 'reducedMotion':
        engine.controller.reducedMotion = message.reducedMotion;
        break;
      case 'command':
        this.moved = message.command.type !== 'showTime';
        if (!this.moved) this.sentRange = '';
        if (message.command.type === 'goLive') engine.setEvidence(null);
        engine.command(message.command);
        this.loadHistory();
        this.sendReadout();
        break;
      case 'pointer':
        engine.pointAt(message.place);
        break;
      case 'stepCursor':
        engine.stepCursor(message.columns, message.rows);
        break;
      case 'linkCursor':
        engine.linkTo(message.timeUs);
        break;
      case 'marks':
        engine.setMarks(message.marks);
        break;
      case 'alerts':
        engine.setAlerts(message.alerts);
        break;
      case 'marquee':
        engine.setMarquee(message.marquee);
        break;
      case 'evidence':
        engine.setEvidence(message.evidence);
        if (message.go) this.goTo(message.evidence);
        break;
      case 'repaint':
        engine.invalidate(DIRTY.picture);
        break;
      case 'retry':
        this.history.retryNow();
        this.stream.retryNow();
        this.loadHistory();
        break;
      case 'stop':
        this.stop();
        break;
      case 'ask':
        this.send({ type: 'answer', id: message.id, answer: this.answer(message.question) });
        break;
    }
  }

  /** Shows the moment of a signal, with what came before and after. */
  private goTo({ toUs, lowPrice, highPrice }: Evidence): void {
    const { engine } = this;
    const { view, layout } = engine.framing;
    const afterUs = layout.chart.width * view.usPerPx * AFTER_SHARE;
    const price =
      lowPrice === null || highPrice === null || !engine.view
        ? undefined
        : { centre: (lowPrice + highPrice) / 2, unitsPerPx: view.unitsPerPx };
    this.moved = true;
    engine.command({ type: 'goTo', rightUs: toUs + afterUs, price });
    this.loadHistory();
    this.sendReadout();
  }

  private stop(): void {
    for (const timer of this.timers) clearInterval(timer);
    this.stream.stop();
    this.history.stop();
    this.profile.stop();
    this.engine.stop();
  }

  private hear({ serverTimeUs, clock }: { serverTimeUs: number; clock: ReplayClockEvent | null }): void {
    if (this.clock instanceof ServerClock) {
      this.clock.heard(serverTimeUs);
      return;
    }
    if (!clock) return;
    // The page sees by the readout that there is another time, and begins anew with it.
    this.isPast ||= this.replay !== null && this.replay.epoch !== clock.epoch;
    const changed = this.replay?.playing !== clock.playing || this.replay.speed !== clock.speed || this.isPast;
    this.replay = clock;
    this.clock.heard(clock);
    this.model.seenUs = Math.max(this.model.seenUs, clock.timeUs);
    if (changed || !clock.playing) this.sendReadout();
  }

  private onConnection(connection: Connection): void {
    this.connection = connection;
    this.sendReadout();
  }

  private onMessages(bytes: Uint8Array): void {
    if (this.isPast) return;
    this.events += 1;
    this.bytes += bytes.length;
    this.model.readLive(bytes);
    if (!this.engine.controller.paused) this.engine.invalidate(DIRTY.picture);
    if (!this.engine.view) this.loadHistory();
  }

  private onPage(): void {
    this.historyPages += 1;
    this.trim();
    this.engine.invalidate(DIRTY.picture);
    this.loadHistory();
  }

  /** Keeps what is held within its limit: a page left open grows by a block a minute. */
  private trim(): void {
    const { engine, model } = this;
    const { view, layout } = engine.framing;
    model.trim(engine.tiers.shown, view.rightUs - (layout.chart.width * view.usPerPx) / 2);
  }

  private everyReadout(): void {
    this.trim();
    this.engine.tick();
    this.loadHistory();
    this.loadProfile();
    this.sendReadout();
  }

  /** What traded on the day or from the anchor on, where a column shows it. */
  private loadProfile(): void {
    const { engine, model, clock } = this;
    const { shown } = engine;
    if (!shown || model.seenUs === 0) return;
    const { profileSpan, columns, anchorUs } = shown.options;
    if (profileSpan === 'visible' || !columns.some(isOfProfile)) return;
    const nowUs = clock.nowUs();
    const isAnchored = profileSpan === 'anchored';
    if (isAnchored && (anchorUs === null || anchorUs >= nowUs)) {
      this.profile.forget();
      return;
    }
    const dayUs = istMidnightUs(formatIstDate(Math.min(shown.view.rightUs, nowUs)));
    const fromUs = isAnchored ? (anchorUs as number) : dayUs;
    const toUs = isAnchored ? nowUs : Math.min(dayUs + DAY_US, nowUs);
    const { ticks: rowTicks, units: rowUnits } = shown.rows;
    this.profile.poke({ instrument: this.start.instrument.slug, fromUs, toUs, rowTicks, rowUnits });
  }

  /** The visible time and something before it, ahead of whoever scrolls back. */
  private loadHistory(): void {
    const { model, engine } = this;
    if (model.seenUs === 0) return;
    const { view, layout } = engine.framing;
    const spanUs = layout.chart.width * view.usPerPx;
    const toUs = Math.min(view.rightUs, model.seenUs);
    const visibleUs = leftUs(view, layout.chart);
    this.history.poke({
      tier: engine.tiers.wanted,
      fromUs: visibleUs - MARGIN_SPANS * spanUs,
      toUs,
      aheadUs: visibleUs - AHEAD_SPANS * spanUs,
      settledUs: this.clock.nowUs() - SETTLE_US,
    });
  }

  private get feed(): { name: string; status: FeedStatus } | null {
    const name = this.status?.instruments[this.model.instrumentId]?.feed;
    const status = name ? this.status?.feeds[name] : undefined;
    return name && status ? { name, status } : null;
  }

  private sendReadout(): void {
    this.send({ type: 'readout', readout: this.readout() });
  }

  private readout(): SessionReadout {
    const { engine, model, clock, feed } = this;
    // What the server said last of itself is not so any more once it cannot be heard.
    const status = this.connection.kind === 'open' ? this.status : null;
    const nowUs = clock.nowUs();
    const bidStampUs = model.side(BID).stampUs;
    const askStampUs = model.side(ASK).stampUs;
    const ageMs = (stampUs: number) => (stampUs === 0 ? null : Math.max(0, (nowUs - stampUs) / 1000));
    const tick = engine.lastTick;
    const { controller } = engine;
    const { view } = engine;
    const state = pageState({
      connection: this.connection,
      history: this.history.state,
      feed: feed?.status ?? null,
      bidStampUs,
      askStampUs,
      gapOpen: model.gaps.open,
      nowUs,
    });
    return {
      state: this.replay ? replayState(state, this.replay) : state,
      history: this.history.state,
      nowUs,
      simulated: this.simulated,
      replay: this.replay,
      feedName: feed?.name ?? null,
      feedLagMs: status && feed ? feed.status.lagMs : null,
      framesPerSecond: status?.instruments[model.instrumentId]?.framesPerSecond ?? null,
      bidAgeMs: ageMs(bidStampUs),
      askAgeMs: ageMs(askStampUs),
      recorder: this.replay ? null : (status?.recorder ?? null),
      last:
        tick.stampUs === 0
          ? null
          : { price: tick.lastPrice, previousClose: tick.previousClose, volume: tick.volume, oi: tick.oi },
      following: controller.following,
      paused: controller.paused,
      behindMs: controller.following || !view ? 0 : Math.max(0, (engine.liveEdge - view.rightUs) / 1000),
      tier: engine.tiers.shown,
      rowTicks: engine.shown?.rows.ticks ?? 1,
      cutoffs: engine.cutoffs,
      quantities: engine.quantities,
      undoable: controller.undoable,
      outside: engine.outside,
      valueLines: engine.profile.lines,
    };
  }

  private sendCursor(): void {
    const place = this.cursorReadout();
    const text = JSON.stringify(place);
    if (text === this.sentCursor) return;
    this.sentCursor = text;
    this.send({ type: 'cursor', place });
  }

  private sendRange(): void {
    const { shown, controller } = this.engine;
    if (!this.moved || !shown) return;
    const { view, layout } = shown;
    const range = controller.followTime ? null : { fromUs: leftUs(view, layout.chart), toUs: view.rightUs };
    const text = JSON.stringify(range);
    if (text === this.sentRange) return;
    this.sentRange = text;
    this.send({ type: 'range', range });
  }

  private cursorReadout(): CursorReadout | null {
    const place = this.engine.readout();
    if (!place) return null;
    const { bestBid, bestAsk } = place;
    const bigChanges = this.engine.changesAtCursor;
    if (bestBid === null || bestAsk === null) return { ...place, bigChanges, ticksFromMid: null, bpsFromMid: null };
    const mid = (bestBid + bestAsk) / 2;
    const distance = place.price - mid;
    const { tickSize } = this.start.instrument;
    return { ...place, bigChanges, ticksFromMid: distance / tickSize, bpsFromMid: (distance / mid) * 10_000 };
  }

  private bookTable(): BookTable {
    const { book, shown } = this.engine;
    const units = shown?.rows.units ?? 1;
    const rows = (side: typeof BID | typeof ASK): BookTableRow[] =>
      book.sides[side]
        .slice(0, TABLE_ROWS)
        .map(({ row, quantity, orders }) => ({ price: row * units, quantity, orders }));
    return { bids: rows(BID), asks: rows(ASK), bidTotal: book.totals[BID], askTotal: book.totals[ASK] };
  }

  private answer(question: Question): ProbeAnswer | ViewAnswer | StatsAnswer | null {
    switch (question.about) {
      case 'probe': {
        const rowUnits = (question.rowTicks ?? 1) * this.start.instrument.tickSize;
        const place = this.engine.inspect(question.priceUnits, question.timeUs, rowUnits);
        const { bidQuantity, askQuantity, bidOrders, askOrders, bestBid, bestAsk, columnStartUs, state, cause } = place;
        return { bidQuantity, askQuantity, bidOrders, askOrders, bestBid, bestAsk, columnStartUs, state, cause };
      }
      case 'view':
        return this.viewAnswer();
      case 'stats':
        return {
          framesDrawn: this.engine.drawTimes.count,
          drawMsP50: this.engine.drawTimes.percentile(0.5),
          drawMsP95: this.engine.drawTimes.percentile(0.95),
          booksDrawn: this.engine.frameAges.count,
          frameAgeMsP50: this.engine.frameAges.percentile(0.5),
          frameAgeMsP99: this.engine.frameAges.percentile(0.99),
          events: this.events,
          bytes: this.bytes,
          depthFrames: this.model.frames,
          historyPages: this.historyPages,
          paintedUs: this.engine.paintedUs,
          blocksHeld: this.model.stores.reduce((sum, store) => sum + store.blocks.size, 0),
          inWorker: this.inWorker,
        };
    }
  }

  private viewAnswer(): ViewAnswer | null {
    const { shown, controller } = this.engine;
    if (!shown) return null;
    const { view, layout, tier, columnUs, rows, pixelRatio } = shown;
    const { chart } = layout;
    const store = this.model.stores[tier] as ColumnStore;
    return {
      ...view,
      leftUs: leftUs(view, chart),
      lowPrice: priceAt(view, chart, chart.y + chart.height),
      highPrice: priceAt(view, chart, chart.y),
      tier,
      columnUs,
      rowTicks: rows.ticks,
      following: controller.following,
      paused: controller.paused,
      columnsHeld: store.blocks.size * BLOCK_COLUMNS,
      coverage: this.model.held(tier).all,
      chart,
      pixelRatio,
      cutoffs: this.engine.cutoffs,
      outside: this.engine.outside,
      valueLines: this.engine.profile.lines,
      evidence: this.engine.evidence,
      profileRows: this.engine.profile.rows.length,
      bubbles: this.engine.bubbles,
      bigChanges: this.engine.changes.length,
      alerts: this.engine.alertsDrawn,
    };
  }
}

/** Each replay has a clock, and so a connection, of its own. */
function replayed(stream: DepthStream): LiveFeed {
  stream.start();
  return stream;
}

/** The state of a page that shows the past, in words of the past. */
function replayState(state: PageState, { ended, playing }: ReplayClockEvent): PageState {
  if (state.kind === 'live') return { ...state, title: ended ? 'Replay ended' : playing ? 'Replay' : 'Replay paused' };
  if (state.kind !== 'empty') return state;
  return {
    ...state,
    title: 'Nothing recorded here',
    detail: 'Nothing was recorded until this time. Let it play, or go on.',
  };
}
