/**
 * Replays that people have open in this process. Each has its own clock, its own books and its own listeners; what a listener
 * is sent is what the live stream would send, with the replay's clock beside it (docs/STREAM.md).
 */

import { randomBytes } from 'node:crypto';
import { forgetReader, noteReader } from '../../db/readers.ts';
import { feedName } from '../core/feeds.ts';
import type { InstrumentSummary } from '../core/instrument.ts';
import type { ReplayClockEvent } from '../core/replay-clock.ts';
import { monotonicMs } from '../obs/clock.ts';
import { ReplayPlayer } from '../replay/player.ts';
import type { ReplayEntry } from '../replay/source.ts';
import { services } from './context.ts';
import { LiveBooks, type LiveInstrument, type MessageSink } from './live-books.ts';
import type { FoundReplay } from './replay-source.ts';
import { StreamClients } from './stream-clients.ts';

/** A replay that nobody listens to stands still, and ends after this time, ms. */
const IDLE_MS = 60_000;
/** Clock and status go out this often, ms: at 100 times, a browser's own guess of the time is soon wrong. */
export const REPLAY_STATUS_MS = 250;
/** How often a replay says that it reads, and for how long each time, s: what it reads is not deleted meanwhile. */
const READING_EVERY_MS = 60_000;
const READING_S = 300;
const SESSIONS_MAX = 20;
const SESSIONS_OF_OWNER_MAX = 4;

export interface NewSession {
  /** Whose it is: nobody else may listen or change it. */
  readonly owner: string;
  readonly instruments: readonly InstrumentSummary[];
  readonly fromUs: number;
  /** Exclusive. */
  readonly toUs: number;
  readonly found: FoundReplay;
}

export class ReplaySession implements MessageSink {
  readonly id = randomBytes(12).toString('hex');
  readonly clients = new StreamClients(() => this.books);
  readonly player: ReplayPlayer;
  readonly instrumentIds: readonly number[];
  /** Since when nobody listens, on the monotonic clock, ms; null while somebody does. */
  idleSinceMs: number | null = monotonicMs();
  /** When it said last that it reads, on the same clock. */
  readingSaidMs = Number.NEGATIVE_INFINITY;
  private readonly wanted: ReadonlySet<number>;
  private books = new LiveBooks(this);
  private epoch = 0;
  private leading = true;
  private brought = false;
  /** It stands still only because nobody listens. */
  private waits = false;
  private failure: string | null = null;

  constructor(
    private readonly options: NewSession,
    onFailure: (session: ReplaySession, error: unknown) => void,
  ) {
    this.instrumentIds = options.instruments.map(({ id }) => id);
    this.wanted = new Set(this.instrumentIds);
    this.player = new ReplayPlayer({
      fromUs: options.fromUs,
      toUs: options.toUs,
      open: (fromUs) => options.found.open(fromUs),
      take: (entry) => this.take(entry),
      onReset: () => {
        this.books = new LiveBooks(this);
        this.leading = true;
      },
      onReady: () => {
        this.leading = false;
        this.epoch += 1;
        this.clients.restart(this.hello());
      },
      onChange: () => this.tellStatus(),
      onFailure: (error) => {
        this.failure = 'What is to be replayed could not be read; the log of the server says why.';
        onFailure(this, error);
        this.tellStatus();
      },
      nowMs: monotonicMs,
    });
  }

  get owner(): string {
    return this.options.owner;
  }

  get reader(): { readonly name: string; readonly fromUs: number } {
    return { name: `replay ${this.id}`, fromUs: this.options.fromUs };
  }

  get instruments(): readonly InstrumentSummary[] {
    return this.options.instruments;
  }

  get clock(): ReplayClockEvent {
    const { fromUs, toUs, found } = this.options;
    const { timeUs, speed, playing, ended } = this.player;
    return {
      replay: this.id,
      epoch: this.epoch,
      timeUs: Math.round(timeUs),
      fromUs,
      toUs,
      speed,
      playing: playing || this.waits,
      ended,
      source: found.source,
      failure: this.failure,
    };
  }

  wants(instrumentId: number): boolean {
    return !this.leading && this.wanted.has(instrumentId);
  }

  send(instrumentId: number, message: Uint8Array): void {
    this.brought = true;
    if (this.clients.wants(instrumentId)) this.clients.send(instrumentId, message);
  }

  /** The event that a stream begins with, and begins anew with after a seek. */
  hello(): string {
    const { config } = services();
    const { clock, instruments } = this;
    const hello = {
      protocol: 1,
      serverTimeUs: clock.timeUs,
      // Far more often than it says: a process that is busy is not gone.
      heartbeatMs: 4 * REPLAY_STATUS_MS,
      resumedFromUs: null,
      simulated: config.simulated,
      instruments,
      clock,
    };
    return `event: hello\ndata: ${JSON.stringify(hello)}\n\n`;
  }

  tellStatus(): void {
    // On the way to another time there is nothing to tell of; the hello that ends it does.
    if (this.leading) return;
    const status = `event: status\ndata: ${JSON.stringify(this.status())}\n\n`;
    this.clients.broadcast(() => status);
  }

  /** Somebody listens now. */
  noteListener(): void {
    this.idleSinceMs = null;
    if (!this.waits) return;
    this.waits = false;
    void this.player.play(true);
  }

  /** Plays or pauses, as people ask for it. */
  play(playing: boolean): Promise<void> {
    this.waits = false;
    return this.player.play(playing);
  }

  /** Looks whether anybody listens. @returns false where it is to end */
  look(nowMs: number): boolean {
    if (this.clients.count > 0) {
      this.tellStatus();
      return true;
    }
    this.idleSinceMs ??= nowMs;
    if (this.player.playing) {
      this.waits = true;
      void this.player.play(false);
    }
    return nowMs - this.idleSinceMs < IDLE_MS;
  }

  async end(): Promise<void> {
    this.clients.close();
    await this.player.stop();
  }

  private take({ feedId, stampUs, bytes }: ReplayEntry): boolean {
    this.brought = false;
    this.books.take(feedId, { stampUs, bytes });
    return this.brought;
  }

  private status(): object {
    const { clock } = this;
    const feeds: Record<string, object> = {};
    const instruments: Record<string, object> = {};
    for (const id of this.instrumentIds) {
      const instrument = this.books.of(id);
      instruments[id] = instrumentStatus(instrument, clock.timeUs);
      if (instrument.feedId > 0) feeds[feedName(instrument.feedId)] = feedStatus(instrument);
    }
    return {
      serverTimeUs: clock.timeUs,
      instruments,
      feeds,
      recorder: { state: 'replay', lagMs: null },
      clock,
    };
  }
}

function instrumentStatus(instrument: LiveInstrument, nowUs: number): object {
  const { bid, ask, feedId } = instrument;
  const ageMs = (known: boolean, stampUs: number): number | null =>
    known ? Math.max(0, Math.round((nowUs - stampUs) / 1000)) : null;
  return {
    feed: feedId > 0 ? feedName(feedId) : null,
    levels: Math.max(bid.state.levels.count, ask.state.levels.count),
    framesPerSecond: Math.round(instrument.framesPerSecond(nowUs) * 10) / 10,
    bidAgeMs: ageMs(bid.state.known, bid.state.stampUs),
    askAgeMs: ageMs(ask.state.known, ask.state.stampUs),
  };
}

function feedStatus({ openGap }: LiveInstrument): object {
  return {
    state: openGap ? 'stale' : 'live',
    cause: openGap?.cause ?? null,
    detail: '',
    sinceUs: openGap?.fromUs ?? null,
    lagMs: null,
    gapFromUs: openGap?.fromUs ?? null,
  };
}

/** All of this process. */
export class ReplaySessions {
  private readonly sessions = new Map<string, ReplaySession>();
  private readonly timer = setInterval(() => this.look(), REPLAY_STATUS_MS);

  /** @returns why there can be no more, in words for who asks */
  fullFor(owner: string): string | null {
    if (this.of(owner).length >= SESSIONS_OF_OWNER_MAX) {
      return `You have ${SESSIONS_OF_OWNER_MAX} replays open: end one first.`;
    }
    return this.sessions.size >= SESSIONS_MAX ? `${SESSIONS_MAX} replays are open on this server.` : null;
  }

  /** Opens one, which stands at its beginning. */
  async open(options: NewSession): Promise<ReplaySession> {
    const session = new ReplaySession(options, (failed, error) =>
      services().log.error({ event: 'replay_failed', replay: failed.id, err: error }),
    );
    this.sessions.set(session.id, session);
    try {
      await sayReading(session);
      await session.player.seek(options.fromUs);
    } catch (error) {
      // Nobody was told its id.
      await this.end(session);
      throw error;
    }
    return session;
  }

  /** Null where there is none, and where it is somebody else's. */
  find(id: string, owner: string): ReplaySession | null {
    const session = this.sessions.get(id);
    return session?.owner === owner ? session : null;
  }

  of(owner: string): ReplaySession[] {
    return [...this.sessions.values()].filter((session) => session.owner === owner);
  }

  async end(session: ReplaySession): Promise<void> {
    this.sessions.delete(session.id);
    await session.end();
    // Where the database is away, it forgets the reader by itself.
    await forgetReader(services().db, session.reader.name).catch((error: Error) =>
      services().log.warn({ event: 'replay_not_forgotten', reason: error.message }),
    );
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await Promise.all([...this.sessions.values()].map((session) => this.end(session)));
  }

  private look(): void {
    const nowMs = monotonicMs();
    for (const session of this.sessions.values()) {
      if (!session.look(nowMs)) void this.end(session);
      else if (nowMs - session.readingSaidMs > READING_EVERY_MS) {
        sayReading(session).catch((error: Error) =>
          services().log.warn({ event: 'replay_not_noted', reason: error.message }),
        );
      }
    }
  }
}

async function sayReading(session: ReplaySession): Promise<void> {
  session.readingSaidMs = monotonicMs();
  const { name, fromUs } = session.reader;
  await noteReader(services().db, name, fromUs, READING_S);
}

const KEY = Symbol.for('gehra.replays');
// On globalThis, because each bundle of the server has its own module state.
const holder = globalThis as { [KEY]?: ReplaySessions | undefined };

export function replaySessions(): ReplaySessions {
  holder[KEY] ??= new ReplaySessions();
  return holder[KEY];
}

/** Ends all replays of the process. */
export async function stopReplays(): Promise<void> {
  await holder[KEY]?.stop();
  holder[KEY] = undefined;
}
