/**
 * A tape, outside React: pages of stored trades back through the day, the newest ones as the recorder writes them, and the stream's in
 * front. Who shows it asks for `view` when told that something has changed, a few times a second at most.
 */
import { MessageReader } from '../book/messages.ts';
import type { InstrumentSummary } from '../core/instrument.ts';
import { formatIstDate, istMidnightUs } from '../core/ist.ts';
import { type Connection, type PageState, pageState } from '../heatmap/page-state.ts';
import { followLive, type LiveFeed } from './live-feed.ts';
import { askMarket } from './market-data.ts';
import { asProblem, type ServerProblem } from './problem.ts';
import { ServerClock } from './server-clock.ts';
import type { StreamStatus } from './stream-events.ts';
import type { TapeFilter } from './tape-filter.ts';
import { TapeRows, type TapeTrade } from './tape-rows.ts';

const TELL_MS = 250;
/** The newest stored trades are asked for this often; the recorder commits within 250 ms. */
const NEWEST_MS = 2000;
const PAGE_TRADES = 200;
const DAY_US = 86_400_000_000;
/** The first tick after a gap says what had traded in it. */
const AFTER_GAP_US = 300_000_000;

/** Time of which the feed knows nothing. */
export interface TapeGap {
  readonly fromUs: number;
  /** Null while it is open. */
  readonly toUs: number | null;
  readonly cause: string;
  /** Units that traded meanwhile, at prices that nobody knows; null while that is not known. */
  readonly unattributed: number | null;
}

export interface TapeView {
  readonly trades: readonly TapeTrade[];
  /** Newest first; of the part of the day that is held. */
  readonly gaps: readonly TapeGap[];
  /** There are older ones to be fetched. */
  readonly more: boolean;
  /** Why the newest or the older ones could not be fetched; null where they could. */
  readonly fault: ServerProblem | null;
  /** False before the first answer. */
  readonly loaded: boolean;
  readonly state: PageState;
}

/** Which part of which day is shown. */
export interface TapeSpan {
  /** ISO date in IST; null: today, going on. */
  readonly date: string | null;
  /** Trades before this time of the day only, µs after midnight in India; null: all. */
  readonly untilUs: number | null;
}

const usOf = (time: string): number => Date.parse(time) * 1000;
const msOf = (us: number): string => String(Math.floor(us / 1000));

export class TapeSession {
  private readonly clock = new ServerClock();
  private readonly rows = new TapeRows();
  private readonly reader = new MessageReader();
  private readonly feed: LiveFeed | null;
  private readonly abort = new AbortController();
  private readonly teller: ReturnType<typeof setInterval>;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private connection: Connection = { kind: 'connecting' };
  private status: StreamStatus | null = null;
  private seenUs = 0;
  /** ISO date in IST of what is held. */
  private day: string | null = null;
  private feedName: string | null = null;
  private cursor: string | null = null;
  private gaps: readonly TapeGap[] = [];
  private readonly unattributed = new Map<number, number>();
  private isLoaded = false;
  private isLoadingOlder = false;
  private fault: ServerProblem | null = null;
  private changed = true;
  private held: TapeView | null = null;

  constructor(
    private readonly instrument: InstrumentSummary,
    private readonly filter: TapeFilter,
    private readonly span: TapeSpan,
    private readonly tell: () => void,
  ) {
    this.feed = this.goesOn ? this.follow() : null;
    if (!this.feed) void this.loadNewest();
    this.teller = setInterval(() => this.tellChange(), TELL_MS);
  }

  /** The same object until `tell` is called. */
  get view(): TapeView {
    this.held ??= {
      trades: this.rows.all,
      gaps: this.gaps.filter(({ fromUs }) => fromUs >= this.oldestUs),
      more: this.cursor !== null,
      fault: this.fault,
      loaded: this.isLoaded,
      state: this.state(),
    };
    return this.held;
  }

  retryNow(): void {
    this.feed?.retryNow();
    this.fault = null;
    if (!this.feed || this.connection.kind === 'open') void this.loadNewest();
    this.changed = true;
  }

  stop(): void {
    clearInterval(this.teller);
    clearTimeout(this.timer);
    this.abort.abort();
    this.feed?.stop();
  }

  /** Fetches the page behind the oldest trade, unless that is under way. */
  async loadOlder(): Promise<void> {
    const { cursor, day } = this;
    if (cursor === null || this.isLoadingOlder || this.fault !== null) return;
    this.isLoadingOlder = true;
    try {
      const page = await this.ask(cursor);
      // Another day, or another feed, has begun meanwhile.
      if (this.cursor !== cursor || this.day !== day) return;
      this.rows.addOlder(page.trades);
      this.cursor = page.next;
    } catch (error) {
      this.failed(error);
    } finally {
      this.isLoadingOlder = false;
      this.changed = true;
    }
  }

  /** New trades come at the upper end. */
  private get goesOn(): boolean {
    return this.span.date === null && this.span.untilUs === null;
  }

  private follow(): LiveFeed {
    return followLive('', this.instrument.id, {
      onHello: ({ serverTimeUs }) => {
        this.clock.heard(serverTimeUs);
        this.reader.reset();
        void this.loadNewest();
      },
      onMessages: (bytes) => this.read(bytes),
      onStatus: (status) => {
        this.clock.heard(status.serverTimeUs);
        this.status = status;
      },
      onConnection: (connection) => {
        this.connection = connection;
        this.changed = true;
      },
    });
  }

  private read(bytes: Uint8Array): void {
    this.reader.read(bytes, {
      onDepth: (id, { stampUs }) => {
        if (id === this.instrument.id) this.seenUs = Math.max(this.seenUs, stampUs);
      },
      onTick: (tick) => {
        if (tick.instrumentId !== this.instrument.id) return;
        this.seenUs = Math.max(this.seenUs, tick.stampUs);
        // Before the first answer nobody knows from where on they are needed; yesterday's last tick is none of today's trades.
        if (!this.isLoaded || formatIstDate(tick.stampUs) !== this.day) return;
        this.rows.addLive(tick, this.filter);
        this.changed = true;
      },
      onGap: () => undefined,
      onBaseMissing: () => undefined,
    });
  }

  private ask(cursor: string | null) {
    const dayUs = istMidnightUs(this.day as string);
    const { untilUs } = this.span;
    const query = {
      instrument: this.instrument.slug,
      from: msOf(dayUs),
      to: msOf(untilUs === null ? (this.goesOn ? this.clock.nowUs() : dayUs + DAY_US) : dayUs + untilUs),
      order: 'newest' as const,
      limit: PAGE_TRADES,
      ...this.filter.query,
    };
    const { signal } = this.abort;
    return askMarket('/api/orderflow/tape', cursor === null ? query : { ...query, cursor }, { signal });
  }

  /** Fetches what is newer than what is held, page by page down to it. */
  private async loadNewest(): Promise<void> {
    clearTimeout(this.timer);
    try {
      this.beginDay();
      const first = await this.ask(null);
      if (first.feed !== this.feedName) {
        // Places in a frame are of one feed: another one's trades do not join these.
        this.feedName = first.feed;
        this.rows.clear();
      }
      const heldToUs = this.rows.completeToUs;
      const completeToUs = this.goesOn ? usOf(first.completeTo) : Number.POSITIVE_INFINITY;
      const trades = [...first.trades];
      let next = first.next;
      while (heldToUs > 0 && next !== null && (trades.at(-1)?.stampUs ?? 0) >= heldToUs) {
        const page = await this.ask(next);
        trades.push(...page.trades);
        next = page.next;
      }
      this.rows.setNewest(trades, completeToUs);
      if (heldToUs === 0) this.cursor = next;
      this.gaps = first.gaps
        .filter(({ cause }) => cause !== 'market_closed')
        .map(({ from, to, cause }) => ({ fromUs: usOf(from), toUs: to === null ? null : usOf(to), cause }))
        .map((gap) => ({ ...gap, unattributed: this.unattributed.get(gap.fromUs) ?? null }))
        .reverse();
      this.isLoaded = true;
      this.fault = null;
      this.changed = true;
      await this.findUnattributed();
    } catch (error) {
      this.failed(error);
    }
    if (!this.abort.signal.aborted && this.goesOn) this.timer = setTimeout(() => void this.loadNewest(), NEWEST_MS);
  }

  private beginDay(): void {
    const day = this.span.date ?? formatIstDate(this.clock.nowUs());
    if (day === this.day) return;
    this.day = day;
    this.cursor = null;
    this.gaps = [];
    this.rows.clear();
  }

  /** Asks for what traded in the newest gap of which that is not known yet. */
  private async findUnattributed(): Promise<void> {
    const gap = this.gaps.find(
      ({ toUs, unattributed, fromUs }) => toUs !== null && unattributed === null && fromUs >= this.oldestUs,
    );
    if (!gap || gap.toUs === null) return;
    const { ticks } = await askMarket(
      '/api/orderflow/ticks',
      { instrument: this.instrument.slug, from: msOf(gap.toUs), to: msOf(gap.toUs + AFTER_GAP_US), limit: 20 },
      { signal: this.abort.signal },
    );
    const after = ticks.find(({ volumeUnattributed }) => volumeUnattributed !== null);
    const isOver = this.clock.nowUs() > gap.toUs + AFTER_GAP_US;
    if (!after && !isOver) return;
    const unattributed = after?.volumeUnattributed ?? 0;
    this.unattributed.set(gap.fromUs, unattributed);
    this.gaps = this.gaps.map((each) => (each.fromUs === gap.fromUs ? { ...each, unattributed } : each));
    this.changed = true;
  }

  /** Down to here everything is held, µs. */
  private get oldestUs(): number {
    return this.cursor === null ? 0 : (this.rows.all.at(-1)?.stampUs ?? 0);
  }

  private failed(error: unknown): void {
    if (this.abort.signal.aborted) return;
    this.fault = asProblem(error);
    this.changed = true;
  }

  private tellChange(): void {
    // States change with time alone.
    if (this.goesOn && JSON.stringify(this.state()) !== JSON.stringify(this.held?.state)) this.changed = true;
    if (!this.changed) return;
    this.changed = false;
    this.held = null;
    this.tell();
  }

  private state(): PageState {
    const { fault } = this;
    if (fault?.signedOut)
      return { kind: 'signed_out', title: 'Signed out', detail: 'Sign in to see trades.', missingMs: 0 };
    if (fault) return { kind: 'error', title: 'The trades could not be loaded', detail: fault.detail, missingMs: 0 };
    if (!this.goesOn) return { kind: 'closed', title: 'As recorded', detail: '', missingMs: 0 };
    const name = this.status?.instruments[this.instrument.id]?.feed;
    const open = this.gaps.find(({ toUs }) => toUs === null);
    const state = pageState({
      connection: this.connection,
      history: this.isLoaded ? { kind: 'idle' } : { kind: 'loading' },
      feed: (name ? this.status?.feeds[name] : undefined) ?? null,
      // Whatever comes shows that the instrument is heard; trades may be far apart.
      bidStampUs: this.seenUs,
      askStampUs: this.seenUs,
      gapOpen: open ? { fromUs: open.fromUs, cause: open.cause } : null,
      nowUs: this.clock.nowUs(),
    });
    // Trades of earlier in the day are not hidden because nothing comes now.
    if (state.kind === 'empty' && this.rows.all.length > 0) {
      return { kind: 'closed', title: 'Nothing comes now', detail: '', missingMs: 0 };
    }
    // An age that counts on is no change.
    return { ...state, missingMs: 0 };
  }
}
