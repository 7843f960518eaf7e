/** The passive tape of an instrument: what joins the book and leaves it near the touch, from the stream. Nothing of it is stored. */
import { MessageReader } from '../book/messages.ts';
import type { InstrumentSummary } from '../core/instrument.ts';
import { Gaps } from '../heatmap/gaps.ts';
import { type Connection, type PageState, pageState } from '../heatmap/page-state.ts';
import { type PassiveEvent, type PassiveRule, PassiveTape } from '../orderflow/passive-tape.ts';
import { followLive, type LiveFeed } from './live-feed.ts';
import { ServerClock } from './server-clock.ts';
import type { StreamStatus } from './stream-events.ts';

const TELL_MS = 250;
/** Events held, the newest. */
const EVENTS_MAX = 5000;

export interface NumberedEvent extends PassiveEvent {
  /** Rising, unique within the session. */
  readonly number: number;
}

export interface PassiveView {
  /** Newest first. */
  readonly events: readonly NumberedEvent[];
  readonly state: PageState;
}

export class PassiveSession {
  private readonly clock = new ServerClock();
  private readonly reader = new MessageReader();
  private readonly tape: PassiveTape;
  private readonly gaps = new Gaps();
  private readonly feed: LiveFeed;
  private readonly teller: ReturnType<typeof setInterval>;
  private events: NumberedEvent[] = [];
  private count = 0;
  private stampsUs: [number, number] = [0, 0];
  private connection: Connection = { kind: 'connecting' };
  private status: StreamStatus | null = null;
  private changed = true;
  private held: PassiveView | null = null;

  constructor(
    private readonly instrument: InstrumentSummary,
    rule: PassiveRule,
    private readonly tell: () => void,
  ) {
    this.tape = new PassiveTape(instrument.tickSize, rule, (event) => {
      this.count += 1;
      this.events.push({ ...event, number: this.count });
      if (this.events.length > 2 * EVENTS_MAX) this.events = this.events.slice(-EVENTS_MAX);
      this.changed = true;
    });
    this.feed = followLive('', instrument.id, {
      onHello: ({ serverTimeUs }) => {
        this.clock.heard(serverTimeUs);
        this.reader.reset();
        this.tape.clear();
      },
      onMessages: (bytes) => this.read(bytes),
      onStatus: (status) => {
        this.clock.heard(status.serverTimeUs);
        this.status = status;
      },
      onConnection: (connection) => {
        this.connection = connection;
      },
    });
    this.teller = setInterval(() => this.tellChange(), TELL_MS);
  }

  /** The same object until `tell` is called. */
  get view(): PassiveView {
    this.held ??= { events: this.events.slice(-EVENTS_MAX).reverse(), state: this.state() };
    return this.held;
  }

  retryNow(): void {
    this.feed.retryNow();
  }

  stop(): void {
    clearInterval(this.teller);
    this.feed.stop();
  }

  private read(bytes: Uint8Array): void {
    const { id } = this.instrument;
    this.reader.read(bytes, {
      onDepth: (instrumentId, { side, levels, stampUs }) => {
        if (instrumentId !== id) return;
        this.gaps.endAt(stampUs);
        this.stampsUs[side] = stampUs;
        this.tape.onSide(side, levels, stampUs);
      },
      onTick: ({ instrumentId, lastPrice, volumeDelta, aggressor, stampUs }) => {
        if (instrumentId === id) this.tape.onTrade(lastPrice, volumeDelta, aggressor, stampUs);
      },
      onGap: ({ instrumentId, fromUs, toUs, cause }) => {
        if (instrumentId !== id) return;
        this.gaps.add({ fromUs, toUs: toUs === 0 ? Number.POSITIVE_INFINITY : toUs, cause });
        this.tape.clear();
      },
      onBaseMissing: () => this.tape.clear(),
    });
  }

  private tellChange(): void {
    if (JSON.stringify(this.state()) !== JSON.stringify(this.held?.state)) this.changed = true;
    if (!this.changed) return;
    this.changed = false;
    this.held = null;
    this.tell();
  }

  private state(): PageState {
    const name = this.status?.instruments[this.instrument.id]?.feed;
    const state = pageState({
      connection: this.connection,
      history: { kind: 'idle' },
      feed: (name ? this.status?.feeds[name] : undefined) ?? null,
      bidStampUs: this.stampsUs[0],
      askStampUs: this.stampsUs[1],
      gapOpen: this.gaps.open,
      nowUs: this.clock.nowUs(),
    });
    // An age that counts on is no change.
    return { ...state, missingMs: 0 };
  }
}
