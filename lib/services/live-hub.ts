/**
 * The one reader of the streams in a web process: keeps the newest books, passes changes on to the browsers, and tells
 * them once a second how everything is.
 */

import { setTimeout as delay } from 'node:timers/promises';
import { CodecError } from '../core/bytes.ts';
import { FEEDS, feedById } from '../core/feeds.ts';
import { wallClockUs } from '../obs/clock.ts';
import type { Log } from '../obs/log.ts';
import { violated } from '../obs/metrics.ts';
import type { Redis } from '../queue/redis.ts';
import { type ProcessStatus, readAllStatuses, type WriterStatus } from '../queue/status.ts';
import type { StreamEntry, StreamReader } from '../queue/streams.ts';
import { LiveBooks } from './live-books.ts';
import type { SignalTap } from './signal-tap.ts';
import { StreamClients } from './stream-clients.ts';
import { hubSeconds, streamClients } from './web-metrics.ts';

export const STATUS_MS = 1000;
export const HUB_BLOCK_MS = 1000;
const READ_ENTRIES = 500;
/** Newest entries of each feed read at the start: enough to find the last frame of every instrument that is alive. */
const START_ENTRIES = 200;
const RETRY_MS = 200;
/** A recorder behind by more than this is late. */
const LATE_MS = 2000;

export class LiveHub {
  readonly clients = new StreamClients(() => this.books);
  private readonly books = new LiveBooks(this.clients);
  /** By feed: stamp of the last entry taken, µs. */
  private readonly positions = new Map<number, number>();
  /** By feed: how old its newest entry was when it came, ms. */
  private readonly lagMs = new Map<number, number>();
  private statuses = new Map<string, ProcessStatus>();
  /** The last status of each process, also of those that do not answer any more. */
  private readonly lastStatuses = new Map<string, ProcessStatus>();
  private stopping = false;
  private loop: Promise<void> | null = null;
  private readonly timer: NodeJS.Timeout;
  /** Why the streams cannot be read; null while they are. */
  failure: string | null = 'not connected to Redis yet';

  constructor(
    private readonly streams: StreamReader,
    private readonly redis: Redis,
    private readonly log: Log,
    /** Null where only books are streamed. */
    readonly signals: SignalTap | null = null,
  ) {
    this.timer = setInterval(() => void this.tellStatus(), STATUS_MS);
  }

  start(): void {
    this.loop = this.run();
  }

  async stop(): Promise<void> {
    this.stopping = true;
    clearInterval(this.timer);
    this.clients.close();
    await this.loop;
  }

  /** Id of an event of the stream: up to where each feed of these instruments has been sent, and signals, behind `~`. */
  eventId(instrumentIds: readonly number[]): string {
    const feedIds = new Set(instrumentIds.flatMap((id) => this.feedIdsOf(id)));
    const feeds = [...feedIds]
      .map((feedId) => `${feedId.toString(36)}.${(this.positions.get(feedId) ?? 0).toString(36)}`)
      .join('-');
    const signals = this.signals?.position ?? null;
    return signals === null ? feeds : `${feeds}~${signals}`;
  }

  private async run(): Promise<void> {
    while (!this.stopping) {
      try {
        if (this.positions.size === 0) await this.findStart();
        const taken = await this.streams.read(this.positions, READ_ENTRIES, HUB_BLOCK_MS);
        this.failure = null;
        for (const [feedId, entries] of taken) {
          for (const entry of entries) this.take(feedId, entry.stampUs, entry.bytes);
          hubSeconds.observe({ feed: feedById(feedId).name }, (this.lagMs.get(feedId) ?? 0) / 1000);
        }
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        if (this.failure === null) this.log.warn({ event: 'hub_interrupted', reason });
        this.failure = reason;
        await delay(RETRY_MS);
      }
    }
  }

  /** Begins with the last frames that the streams hold, so that the first browser has a picture at once. */
  private async findStart(): Promise<void> {
    const found: [feedId: number, entries: StreamEntry[]][] = [];
    for (const feed of FEEDS) found.push([feed.id, await this.streams.newest(feed, START_ENTRIES)]);
    // Not before all are there: who has a position is read on from there, and who has none is never read.
    for (const [feedId, entries] of found) {
      this.positions.set(feedId, 0);
      for (const { stampUs, bytes } of entries) this.take(feedId, stampUs, bytes);
    }
  }

  private take(feedId: number, stampUs: number, bytes: Buffer): void {
    this.positions.set(feedId, stampUs);
    this.lagMs.set(feedId, Math.max(0, (wallClockUs() - stampUs) / 1000));
    try {
      this.books.take(feedId, { stampUs, bytes });
    } catch (error) {
      if (!(error instanceof CodecError)) throw error;
      violated('entry_unreadable');
      this.log.error({ event: 'entry_unreadable', feed: feedById(feedId).name, reason: error.message });
    }
  }

  private async tellStatus(): Promise<void> {
    streamClients.set(this.clients.count);
    try {
      this.statuses = await readAllStatuses(this.redis);
    } catch (error) {
      // Redis is away: nobody can be heard, which is what the browsers are told.
      this.statuses = new Map();
      this.log.debug({ event: 'statuses_unread', err: error });
    }
    for (const [name, status] of this.statuses) this.lastStatuses.set(name, status);
    this.clients.broadcast((ids) => {
      const id = this.eventId(ids);
      return `${id ? `id: ${id}\n` : ''}event: status\ndata: ${JSON.stringify(this.statusOf(ids))}\n\n`;
    });
  }

  private statusOf(instrumentIds: readonly number[]): object {
    const nowUs = wallClockUs();
    const ageMs = (known: boolean, stampUs: number): number | null =>
      known ? Math.max(0, Math.round((nowUs - stampUs) / 1000)) : null;
    const feeds = new Map<string, object>();
    const instruments: Record<string, object> = {};
    for (const id of instrumentIds) {
      const instrument = this.books.of(id);
      const { bid, ask } = instrument;
      // A feed whose collector is away is told of as down, and not left out.
      const names = this.feedIdsOf(id, this.lastStatuses).map((feedId) => feedById(feedId).name);
      instruments[id] = {
        feed: names[0] ?? null,
        levels: Math.max(bid.state.levels.count, ask.state.levels.count),
        framesPerSecond: Math.round(instrument.framesPerSecond(nowUs) * 10) / 10,
        bidAgeMs: ageMs(bid.state.known, bid.state.stampUs),
        askAgeMs: ageMs(ask.state.known, ask.state.stampUs),
      };
      for (const name of names) feeds.set(name, this.feedStatus(name));
    }
    return { serverTimeUs: nowUs, instruments, feeds: Object.fromEntries(feeds), recorder: this.recorder() };
  }

  /** Feeds that give this instrument, the one whose depth is shown first, then those that the collectors name. */
  private feedIdsOf(instrumentId: number, statuses = this.statuses): number[] {
    const shown = this.books.of(instrumentId).feedId;
    const named = [...statuses.values()].flatMap((status) =>
      status.kind === 'collector'
        ? FEEDS.filter(({ name }) => status.feeds[name]?.instrumentIds.includes(instrumentId)).map(({ id }) => id)
        : [],
    );
    // Deepest first, as the kinds are numbered.
    return [...new Set([...(shown > 0 ? [shown] : []), ...named.sort((a, b) => b - a)])];
  }

  private feedStatus(name: string): object {
    const feed = FEEDS.find((candidate) => candidate.name === name);
    const collector = this.statuses.get(`collector-${feed?.broker}`);
    const status = collector?.kind === 'collector' ? collector.feeds[name] : undefined;
    const lagMs = Math.round(this.lagMs.get(feed?.id ?? 0) ?? 0);
    if (!status) {
      const lastUs = this.positions.get(feed?.id ?? 0) ?? 0;
      return {
        state: 'down',
        cause: 'collector_down',
        detail: 'its collector does not answer',
        sinceUs: lastUs,
        lagMs,
        gapFromUs: lastUs || null,
      };
    }
    const { state, cause, detail, sinceUs, gapFromUs } = status;
    return { state, cause, detail: status.publishFailure ?? detail, sinceUs, lagMs, gapFromUs };
  }

  private recorder(): object {
    const writers = [...this.statuses.values()].filter((status): status is WriterStatus => status.kind === 'writer');
    const lagMs = Math.max(0, ...writers.flatMap((writer) => Object.values(writer.lagMs)));
    const working = writers.some(({ failure }) => failure === null);
    return { state: !working ? 'down' : lagMs > LATE_MS ? 'late' : 'recording', lagMs };
  }
}
