/**
 * Finds signals and stores them: each once, whenever it is killed. What the detectors remember is stored now and then, with the
 * stamps up to which they have looked; after a restart they look again from there, find the same signals under the same names, and
 * only what is new changes anything. One worker at a time finds, under an advisory lock: two would find every signal again at each
 * other's restart. What is stored is guarded by more than that, by the version that every worker moves.
 */
import { type Client, connect } from '../../db/connect.ts';
import {
  loadSignalProgress,
  missedFrames,
  moveSignalProgress,
  storeMissedFrames,
  storeSignals,
} from '../../db/signals.ts';
import type { Config } from '../../lib/config/config.ts';
import { CodecError } from '../../lib/core/bytes.ts';
import { FEEDS, feedById } from '../../lib/core/feeds.ts';
import { monotonicMs, wallClockUs } from '../../lib/obs/clock.ts';
import type { Log } from '../../lib/obs/log.ts';
import { violated } from '../../lib/obs/metrics.ts';
import type { StreamReader } from '../../lib/queue/streams.ts';
import { type MissedFrames, StampMerge } from '../../lib/signals/merge.ts';
import type { Signal } from '../../lib/signals/signal.ts';
import { Detectors } from './detectors.ts';
import { entriesSeen, lag, lookSeconds, signalsFound } from './metrics.ts';

/** Another worker has stored meanwhile: nothing of ours was. */
export class OvertakenError extends Error {
  override readonly name = 'OvertakenError';
}

/** Another worker finds signals: this one is there to take over from it. */
export class StandbyError extends Error {
  override readonly name = 'StandbyError';
}

/** "GE" and a number. */
const FINDER_LOCK = [0x4745_0004, 1];
const READ_ENTRIES = 500;
const READ_BLOCK_MS = 100;
/** What the detectors remember is stored so often; far more often than streams are trimmed. */
const CHECKPOINT_MS = 30_000;
/** Streams may be trimmed this much before their window ends: they are not gone on from then. */
const WINDOW_MARGIN_S = 30;

export class Finder {
  private client: Client | null = null;
  private lost: Error | null = null;
  private version = 0;
  private merge = new StampMerge<Buffer>();
  private detectors = new Detectors();
  /** By feed: what has been read, and what the detectors have looked at. */
  private readUs = new Map<number, number>();
  private lookedUs = new Map<number, number>();
  private checkpointMs = Number.NEGATIVE_INFINITY;
  /** Found and not stored yet. */
  private found: Signal[] = [];
  /** How far it has come since it began, and before it began again. */
  private merged = { lookedUs: new Map<number, number>(), givenUs: 0 };
  private missed: MissedFrames[] = [];

  constructor(
    private readonly config: Config,
    private readonly streams: StreamReader,
    private readonly publish: (signal: Signal) => Promise<void>,
    private readonly log: Log,
    private readonly nowUs: () => number = wallClockUs,
  ) {}

  /**
   * Reads, looks and stores once. Whatever it throws, the next step starts over from what is stored.
   *
   * @throws StandbyError where another worker is at it
   */
  async step(): Promise<void> {
    try {
      const client = this.client ?? (await this.begin());
      if (this.lost) throw this.lost;
      await this.look();
      await this.store(client);
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  /** While there is no market nothing is a signal, and the next open has other books. */
  forget(): void {
    this.merge = new StampMerge<Buffer>();
    this.detectors = new Detectors();
    this.readUs.clear();
    this.lookedUs.clear();
    this.merged = { lookedUs: new Map(), givenUs: 0 };
    this.found = [];
    this.missed = [];
    this.checkpointMs = Number.NEGATIVE_INFINITY;
  }

  async close(): Promise<void> {
    const { client } = this;
    this.client = null;
    this.forget();
    // A connection that is gone already cannot be ended in order.
    await client
      ?.end()
      .catch((error: Error) => this.log.debug({ event: 'connection_not_ended', reason: error.message }));
  }

  private async begin(): Promise<Client> {
    this.lost = null;
    // A lock of the session: a pooler would give the session to others.
    const client = await connect(this.config.databaseDirectUrl, 'signals', (error) => {
      this.lost = error;
    });
    this.client = client;
    if (!(await isAlone(client))) throw new StandbyError('another signals worker is running');
    const { version, positions, state, merged } = await loadSignalProgress(client);
    this.version = version;
    const fromUs = await this.goesOnFrom(positions);
    if (state && fromUs !== null && this.detectors.restore(state)) {
      this.merge = new StampMerge<Buffer>(await missedFrames(client, fromUs, Number.MAX_SAFE_INTEGER), merged);
      this.merged = { lookedUs: new Map(merged.lookedUs), givenUs: merged.givenUs };
      for (const [feedId, us] of positions) this.readUs.set(feedId, us);
      this.lookedUs = new Map(positions);
      this.checkpointMs = monotonicMs();
      this.log.info({ event: 'signals_continued', version });
    }
    return client;
  }

  /** Stamp after which entries are looked at again; null where the streams may not hold all of them any more. */
  private async goesOnFrom(positions: ReadonlyMap<number, number>): Promise<number | null> {
    if (positions.size === 0) return null;
    const nowUs = this.nowUs();
    const oldestUs = nowUs - (this.config.stream.windowS - WINDOW_MARGIN_S) * 1_000_000;
    let fromUs = nowUs;
    for (const [feedId, us] of positions) {
      // Of a feed that nobody asks for any more nothing was trimmed: there was nothing more.
      if (us >= (await this.streams.lastStamp(feedById(feedId)))) continue;
      // 0: the stream has begun since.
      if (us !== 0 && us <= oldestUs) return null;
      // Near their cap the streams are trimmed sooner. What was looked at last is gone: what came after it may be too.
      if (us !== 0 && ((await this.streams.firstStamp(feedById(feedId))) ?? Number.POSITIVE_INFINITY) > us) return null;
      fromUs = Math.min(fromUs, us);
    }
    return fromUs;
  }

  private async look(): Promise<void> {
    for (const feed of FEEDS) {
      if (this.readUs.has(feed.id)) continue;
      const lastUs = await this.streams.lastStamp(feed);
      this.readUs.set(feed.id, lastUs);
      this.lookedUs.set(feed.id, lastUs);
      this.noteMerged(feed.id, lastUs);
    }
    let reachedUs = this.nowUs();
    for (const [feedId, entries] of await this.streams.read(this.readUs, READ_ENTRIES, READ_BLOCK_MS)) {
      // There is more behind a full batch: the others wait for it, or what comes next of it would come too late.
      if (entries.length === READ_ENTRIES) reachedUs = Math.min(reachedUs, entries.at(-1)?.stampUs as number);
      this.merge.push(
        feedId,
        entries.map(({ stampUs, bytes }) => ({ stampUs, value: bytes })),
      );
      this.readUs.set(feedId, entries.at(-1)?.stampUs as number);
    }
    for (const missed of this.merge.takeMissed()) {
      const { feedId, fromUs, toUs } = missed;
      this.log.warn({ event: 'frames_missed', feed: feedById(feedId).name, fromUs, toUs });
      this.missed.push(missed);
    }
    const { entries, decisions } = this.merge.advance(reachedUs);
    for (const { feedId, included, atUs } of decisions) {
      this.log.info({ event: included ? 'feed_merged' : 'feed_left_out', feed: feedById(feedId).name, atUs });
    }
    const beganMs = monotonicMs();
    for (const { feedId, stampUs, value } of entries) {
      try {
        this.found.push(...this.detectors.take(feedId, stampUs, value));
      } catch (error) {
        if (!(error instanceof CodecError)) throw error;
        violated('entry_unreadable');
        this.log.error({ event: 'entry_unreadable', feed: feedById(feedId).name, stampUs, reason: error.message });
      }
      this.lookedUs.set(feedId, stampUs);
      this.noteMerged(feedId, stampUs);
    }
    const newest = entries.at(-1);
    this.merged.givenUs = Math.max(this.merged.givenUs, newest?.stampUs ?? 0);
    lag.set(newest ? Math.max(0, this.nowUs() - newest.stampUs) / 1e6 : 0);
    if (!newest) return;
    entriesSeen.inc(entries.length);
    lookSeconds.observe((monotonicMs() - beganMs) / 1000);
  }

  /** After a restart it looks again at what it had looked at: that is no step back. */
  private noteMerged(feedId: number, stampUs: number): void {
    const { lookedUs } = this.merged;
    lookedUs.set(feedId, Math.max(lookedUs.get(feedId) ?? 0, stampUs));
  }

  private async store(client: Client): Promise<void> {
    const due = monotonicMs() - this.checkpointMs >= CHECKPOINT_MS;
    if (this.found.length === 0 && this.missed.length === 0 && !due) return;
    // Told before it is certain to be stored: a kill in between repeats it under its name, and never loses it.
    for (const signal of this.found) await this.publish(signal);
    const checkpoint = due ? { positions: this.lookedUs, state: this.detectors.save() } : null;
    await client.query('BEGIN');
    try {
      await storeMissedFrames(client, this.missed);
      await storeSignals(client, this.found);
      if (!(await moveSignalProgress(client, this.version, this.merged, checkpoint))) {
        throw new OvertakenError('another signals worker is running');
      }
      await client.query('COMMIT');
    } catch (error) {
      // Where the connection is gone the server rolls back by itself, and the first error says more than the second.
      await client.query('ROLLBACK').catch((second: Error) => {
        if (error instanceof Error) error.cause ??= second;
      });
      throw error;
    }
    for (const { kind } of this.found) signalsFound.inc({ kind });
    this.version += 1;
    this.found = [];
    this.missed = [];
    if (due) this.checkpointMs = monotonicMs();
  }
}

async function isAlone(client: Client): Promise<boolean> {
  const { rows } = await client.query<{ alone: boolean }>('SELECT pg_try_advisory_lock($1, $2) AS alone', FINDER_LOCK);
  return rows[0]?.alone === true;
}
