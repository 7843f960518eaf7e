/**
 * The signals of today, stored ones and live ones, for a pane. What has changed is told once an animation frame, so a storm costs a
 * frame what one signal does.
 */
import type { Answer, QueryInput } from '../api/operations.ts';
import { MessageReader } from '../book/messages.ts';
import type { InstrumentSummary } from '../core/instrument.ts';
import { formatIstDate, istMidnightUs } from '../core/ist.ts';
import { type Connection, type PageState, pageState } from '../heatmap/page-state.ts';
import { followLive, type LiveFeed } from './live-feed.ts';
import { askMarket } from './market-data.ts';
import { asProblem, type ServerProblem } from './problem.ts';
import { ServerClock } from './server-clock.ts';
import { type BoardView, type Mark, SignalBoard } from './signal-board.ts';
import { endSnooze, fetchMarks, sendMarks, sendSnooze } from './signal-marks.ts';
import type { StreamStatus } from './stream-events.ts';

type Marks = Awaited<ReturnType<typeof fetchMarks>>;

const PAGE = 500;
/** Older ones of the day stand on the page /signals. */
const PAGES_MAX = 4;
/** What other tabs and other devices have said is asked for this often, ms. */
const MARKS_MS = 3000;
const STATE_MS = 500;
/** Detectors are sure of themselves after so long (docs/SIGNALS.md), µs. */
const WARM_US = 60_000_000;
const SAMPLE_MS = 1000;
const SAMPLES = 900;

export interface SignalsView extends BoardView {
  readonly state: PageState;
  readonly loaded: boolean;
  /** How much longer the detectors learn, s; 0: not any more. */
  readonly warmingS: number;
  /** Last price of the pane's instrument, price units; null before the first. */
  readonly lastPrice: number | null;
  /** Its last prices, one a second. */
  readonly prices: readonly { readonly us: number; readonly price: number }[];
  readonly snoozes: Marks['snoozes'];
  /** Why something that was said of a signal was not taken; null where it was. */
  readonly unsaid: string | null;
  readonly nowUs: number;
  /** What came live and was not known: how many, and the newest of the most severe ones. */
  readonly arrived: { readonly count: number; readonly words: string; readonly severity: number };
}

export interface SignalsChoice {
  readonly all: boolean;
  readonly order: 'severity' | 'time';
}

export class SignalsSession {
  private readonly clock = new ServerClock();
  private readonly board = new SignalBoard();
  private readonly reader = new MessageReader();
  private readonly feed: LiveFeed;
  private readonly abort = new AbortController();
  private readonly timers: ReturnType<typeof setInterval>[];
  private frame = 0;
  private connection: Connection = { kind: 'connecting' };
  private status: StreamStatus | null = null;
  private seenUs = 0;
  private lastPrice: number | null = null;
  private prices: { us: number; price: number }[] = [];
  private loaded = false;
  private fault: ServerProblem | null = null;
  private unsaid: string | null = null;
  private snoozes: Marks['snoozes'] = [];
  private asOf: number | null = null;
  private arrived = { count: 0, words: '', severity: 0 };
  private held: SignalsView | null = null;

  constructor(
    private readonly instrument: InstrumentSummary,
    private readonly choice: SignalsChoice,
    private readonly tell: () => void,
  ) {
    this.feed = followLive('', instrument.id, {
      onHello: ({ serverTimeUs }) => {
        this.clock.heard(serverTimeUs);
        this.reader.reset();
        void this.load();
      },
      onMessages: (bytes) => this.read(bytes),
      onStatus: (status) => {
        this.clock.heard(status.serverTimeUs);
        this.status = status;
      },
      onConnection: (connection) => {
        this.connection = connection;
        this.changed();
      },
      onSignals: ({ signals, missed }) => {
        const news = this.board.take(signals).filter(({ instrument: slug }) => choice.all || slug === instrument.slug);
        for (const { words, severity } of news) {
          const { count, ...before } = this.arrived;
          const top = severity >= before.severity || count === 0 ? { words, severity } : before;
          this.arrived = { count: count + 1, ...top };
        }
        if (missed) void this.load();
        this.changed();
      },
    });
    this.timers = [
      setInterval(() => this.changed(), STATE_MS),
      setInterval(() => void this.loadMarks(), MARKS_MS),
      setInterval(() => this.sample(), SAMPLE_MS),
    ];
    void this.loadMarks();
  }

  /** The same object until `tell` is called. */
  get view(): SignalsView {
    this.held ??= this.makeView();
    return this.held;
  }

  retryNow(): void {
    this.fault = null;
    this.feed.retryNow();
    void this.load();
  }

  stop(): void {
    for (const timer of this.timers) clearInterval(timer);
    cancelAnimationFrame(this.frame);
    this.abort.abort();
    this.feed.stop();
  }

  mark(ids: readonly string[], mark: Mark): void {
    this.board.mark(ids, mark);
    this.changed();
    this.say(sendMarks(ids, mark));
  }

  snooze(what: 'detector' | 'instrument', name: string, minutes: number): void {
    const untilMs = this.clock.nowUs() / 1000 + minutes * 60_000;
    this.snoozes = [...this.snoozes.filter((it) => it.what !== what || it.name !== name), { what, name, untilMs }];
    this.changed();
    this.say(sendSnooze(what, name, minutes));
  }

  wake(what: 'detector' | 'instrument', name: string): void {
    this.snoozes = this.snoozes.filter((it) => it.what !== what || it.name !== name);
    this.changed();
    this.say(endSnooze(what, name));
  }

  private say(said: Promise<void>): void {
    said.then(
      () => {
        this.unsaid = null;
      },
      (error: unknown) => {
        this.unsaid = asProblem(error).detail;
        this.changed();
      },
    );
  }

  private read(bytes: Uint8Array): void {
    this.reader.read(bytes, {
      onDepth: (id, { stampUs }) => {
        if (id === this.instrument.id) this.seenUs = Math.max(this.seenUs, stampUs);
      },
      onTick: ({ instrumentId, stampUs, lastPrice }) => {
        if (instrumentId !== this.instrument.id) return;
        this.seenUs = Math.max(this.seenUs, stampUs);
        this.lastPrice = lastPrice;
      },
      onGap: () => undefined,
      onBaseMissing: () => undefined,
    });
  }

  private async load(): Promise<void> {
    const nowUs = this.clock.nowUs();
    const query = {
      from: String(istMidnightUs(formatIstDate(nowUs)) / 1000),
      to: String(Math.ceil(nowUs / 1000) + 60_000),
      limit: PAGE,
      ...(this.choice.all ? {} : { instruments: this.instrument.slug }),
    };
    try {
      let cursor: string | null = null;
      for (let page = 0; page < PAGES_MAX; page += 1) {
        const asked: QueryInput<'/api/signals'> = cursor === null ? query : { ...query, cursor };
        const answer: Answer<'/api/signals'> = await askMarket('/api/signals', asked, { signal: this.abort.signal });
        this.board.take(answer.signals);
        cursor = answer.next;
        if (cursor === null) break;
      }
      this.loaded = true;
      this.fault = null;
    } catch (error) {
      if (this.abort.signal.aborted) return;
      this.fault = asProblem(error);
    }
    this.changed();
  }

  private async loadMarks(): Promise<void> {
    try {
      const { asOf, marks, snoozes } = await fetchMarks(this.asOf);
      if (this.abort.signal.aborted) return;
      this.asOf = asOf;
      this.snoozes = snoozes;
      for (const { id, mark } of marks) this.board.mark([id], mark);
      this.changed();
    } catch (error) {
      // The stream says by itself where the server is away; the next question is due soon.
      console.debug('marks_unread', error);
    }
  }

  private sample(): void {
    if (this.lastPrice === null) return;
    this.prices = [...this.prices, { us: this.clock.nowUs(), price: this.lastPrice }].slice(-SAMPLES);
  }

  private changed(): void {
    if (this.frame !== 0 || this.abort.signal.aborted) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      this.held = null;
      this.tell();
    });
  }

  private makeView(): SignalsView {
    const nowUs = this.clock.nowUs();
    const { choice, instrument } = this;
    const name = this.status?.instruments[instrument.id]?.feed;
    const feed = (name ? this.status?.feeds[name] : undefined) ?? null;
    const heardUs = feed?.state === 'live' && feed.sinceUs ? nowUs - feed.sinceUs : WARM_US;
    const snoozes = this.snoozes.filter(({ untilMs }) => untilMs * 1000 > nowUs);
    return {
      ...this.board.view(nowUs, choice.all ? null : instrument.slug, snoozes, choice.order),
      state: this.state(feed, nowUs),
      loaded: this.loaded,
      warmingS: Math.max(0, Math.ceil((WARM_US - heardUs) / 1_000_000)),
      lastPrice: this.lastPrice,
      prices: this.prices,
      snoozes,
      unsaid: this.unsaid,
      nowUs,
      arrived: this.arrived,
    };
  }

  private state(feed: StreamStatus['feeds'][string] | null, nowUs: number): PageState {
    const { fault } = this;
    if (fault?.signedOut)
      return { kind: 'signed_out', title: 'Signed out', detail: 'Sign in to see signals.', missingMs: 0 };
    if (fault) return { kind: 'error', title: 'The signals could not be loaded', detail: fault.detail, missingMs: 0 };
    return pageState({
      connection: this.connection,
      history: this.loaded ? { kind: 'idle' } : { kind: 'loading' },
      feed,
      bidStampUs: this.seenUs,
      askStampUs: this.seenUs,
      gapOpen: null,
      nowUs,
    });
  }
}
