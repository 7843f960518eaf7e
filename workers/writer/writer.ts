/**
 * Takes entries from the streams that are this writer's and commits them: one loop, one step after the other. Whatever
 * fails, the loop starts over from the positions in the database, which say exactly what is there.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import { connect, endInTime } from '../../db/connect.ts';
import { loadPositions } from '../../db/positions.ts';
import type { Config } from '../../lib/config/config.ts';
import { FEEDS, feedById } from '../../lib/core/feeds.ts';
import { monotonicMs, wallClockUs } from '../../lib/obs/clock.ts';
import type { Log } from '../../lib/obs/log.ts';
import { violated } from '../../lib/obs/metrics.ts';
import type { WriterStatus } from '../../lib/queue/status.ts';
import type { StreamReader } from '../../lib/queue/streams.ts';
import { Batch } from './batch.ts';
import { Leases } from './leases.ts';
import {
  commitSeconds,
  committedAge,
  flushRows,
  interruptions,
  rowsQuarantined,
  rowsStored,
  takenAge,
} from './metrics.ts';
import { PositionMovedError, storeBatch } from './store.ts';

/** Entries of one feed taken at a time. */
const READ_ENTRIES = 500;
/** Rows of one commit at most: what an outage has left behind would take longer than a commit may. */
const ROWS_MAX = 20_000;
/** Longest wait in Redis for something to come: how late a step notices that something else is due. */
export const READ_BLOCK_MS = 100;
/** Where little is coming, that little is let gather: a read for each single entry would cost more than the entry. */
const GATHER_MS = 30;
/** Outside the market's hours, where nothing has come, this long until the next look. */
const REST_MS = 1000;
/** How often writers count each other, say how far they are, and trim. */
const HOUSEKEEPING_MS = 1000;
/** A commit that takes longer than the last ones did is still in time by so much. */
const COMMIT_MARGIN_MS = 50;
/** Positions that only marks have moved are committed this often. */
const IDLE_COMMIT_MS = 1000;
/** The server's code for a statement that ran out of its time. */
const QUERY_CANCELED = '57014';
/** A commit that has not ended by then hangs: its connection is given up. Above the server's own statement timeout. */
const COMMIT_TIMEOUT_MS = 15_000;
const RETRY_MIN_MS = 100;
const RETRY_MAX_MS = 5000;

export class Writer {
  private readonly batch = new Batch();
  /** By feed: the stamp that the database holds everything up to. Only feeds that this writer holds. */
  private positions = new Map<number, number>();
  /** By feed: the stamp of the last entry taken. */
  private readUs = new Map<number, number>();
  private connection: { client: pg.Client; leases: Leases } | null = null;
  /** The place that it has or had last; 0 before the first. */
  private place = 0;
  private lost: Error | null = null;
  private firstRowMs = 0;
  /** Stamp of the oldest entry in the batch. */
  private oldestUs = Number.POSITIVE_INFINITY;
  private lastCommitMs = 0;
  /** How long a commit takes, smoothed: a batch is begun to be committed that much before it is due. */
  private commitCostMs = 20;
  private housekeepingMs = Number.NEGATIVE_INFINITY;
  private stopping = false;
  /** Rows of the next commit at most: fewer after one that ran out of time. */
  private rowsLimit: number;
  private rows = 0;
  private quarantined = 0;
  private failure: string | null = 'nothing has been stored yet';
  private loop: Promise<void> | null = null;

  constructor(
    private readonly config: Config,
    private readonly streams: StreamReader,
    private readonly log: Log,
    /** Whether the market is closed: the writer then rests while nothing comes, and drains whatever does. */
    private readonly isClosed: () => boolean = () => false,
    private readonly rowsMax = ROWS_MAX,
  ) {
    this.rowsLimit = rowsMax;
  }

  start(): void {
    this.loop = this.run();
  }

  /** Commits what has been taken and gives the feeds back. */
  async stop(): Promise<void> {
    this.stopping = true;
    await this.loop;
    await this.disconnect();
  }

  /**
   * `writer-2`, by its place among the writers; `writer` before it has one. One that cannot commit loses its place again and again:
   * it keeps the name, or nobody could say for how long it has been failing.
   */
  get name(): string {
    return this.place === 0 ? 'writer' : `writer-${this.place}`;
  }

  status(): WriterStatus {
    const lagMs: Record<string, number> = {};
    for (const [feedId, positionUs] of this.positions) {
      const readUs = this.readUs.get(feedId) ?? positionUs;
      lagMs[feedById(feedId).name] = readUs > positionUs ? Math.round((wallClockUs() - positionUs) / 1000) : 0;
    }
    return { kind: 'writer', lagMs, rows: this.rows, quarantined: this.quarantined, failure: this.failure };
  }

  private async run(): Promise<void> {
    let retryMs = RETRY_MIN_MS;
    while (!this.stopping) {
      try {
        await this.step();
        retryMs = RETRY_MIN_MS;
      } catch (error) {
        await this.startOver(error);
        await delay(retryMs);
        retryMs = Math.min(retryMs * 2, RETRY_MAX_MS);
      }
    }
    await this.commit().catch((error: unknown) => this.log.warn({ event: 'last_commit_failed', err: error }));
  }

  private async step(): Promise<void> {
    const connection = this.connection ?? (await this.connect());
    if (this.lost) throw this.lost;
    if (monotonicMs() - this.housekeepingMs >= HOUSEKEEPING_MS) await this.housekeeping(connection.leases);
    await this.take();
    if (this.isDue()) await this.commit();
  }

  private async connect(): Promise<{ client: pg.Client; leases: Leases }> {
    const { databaseUrl, databaseDirectUrl } = this.config;
    const onLost = (error: Error): void => {
      this.lost = error;
    };
    this.lost = null;
    const leases = await Leases.open(databaseDirectUrl, onLost);
    try {
      const client = await connect(databaseUrl, 'writer', onLost);
      this.connection = { client, leases };
    } catch (error) {
      await leases.close();
      throw error;
    }
    this.place = leases.place;
    this.housekeepingMs = Number.NEGATIVE_INFINITY;
    this.log.info({ event: 'writer_connected', place: leases.place });
    return this.connection;
  }

  /** Follows the division of the feeds, makes the positions known, and forgets what nobody needs any more. */
  private async housekeeping(leases: Leases): Promise<void> {
    this.housekeepingMs = monotonicMs();
    const share = await leases.share();
    const surplus = [...leases.held].filter((feedId) => !share.has(feedId));
    if (surplus.length > 0) {
      // What was taken of them has to be committed while they are still ours.
      await this.commit();
      for (const feedId of surplus) {
        this.positions.delete(feedId);
        this.readUs.delete(feedId);
      }
      await leases.release(surplus);
    }
    const got = await leases.acquire(share);
    if (got.length > 0 && this.connection) {
      for (const [feedId, positionUs] of await loadPositions(this.connection.client, got)) {
        this.positions.set(feedId, positionUs);
        this.readUs.set(feedId, positionUs);
      }
    }
    if (got.length + surplus.length > 0) {
      this.log.info({ event: 'feeds_divided', feeds: [...leases.held].map((feedId) => feedById(feedId).name) });
    }
    try {
      await this.streams.announceWritten(this.positions);
      const windowUs = windowFor(this.config.stream, await this.streams.bytes(FEEDS));
      const windowStartUs = wallClockUs() - windowUs;
      for (const [feedId, positionUs] of this.positions) {
        if (positionUs > 0) await this.streams.trim(feedById(feedId), Math.min(positionUs, windowStartUs));
      }
    } catch (error) {
      // Redis is away: nothing is lost by not saying and not trimming, and reading will say so.
      this.log.debug({ event: 'housekeeping_incomplete', err: error });
    }
  }

  /** Takes what the streams have, waiting a moment where they have nothing. */
  private async take(): Promise<void> {
    let taken: Awaited<ReturnType<StreamReader['read']>>;
    try {
      const untilDueMs = this.batch.isEmpty ? READ_BLOCK_MS : Math.ceil(this.dueMs() - monotonicMs());
      taken = await this.streams.read(this.readUs, READ_ENTRIES, Math.min(READ_BLOCK_MS, Math.max(1, untilDueMs)));
    } catch (error) {
      this.failure = `Redis: ${error instanceof Error ? error.message : String(error)}`;
      await delay(READ_BLOCK_MS);
      return;
    }
    if (this.readUs.size === 0) await delay(READ_BLOCK_MS);
    if (taken.size === 0 && this.batch.isEmpty && this.isClosed()) await delay(REST_MS);
    const rowsBefore = this.batch.rows;
    let most = 0;
    // The oldest first: what waits behind the limit is read again next time, and no feed waits for ever.
    const oldestFirst = [...taken].sort(([, [a]], [, [b]]) => (a?.stampUs ?? 0) - (b?.stampUs ?? 0));
    for (const [feedId, entries] of oldestFirst) {
      if (this.batch.rows >= this.rowsLimit) break;
      most = Math.max(most, entries.length);
      const positionUs = this.positions.get(feedId) as number;
      const oldestUs = entries[0]?.stampUs as number;
      this.oldestUs = Math.min(this.oldestUs, oldestUs);
      takenAge.observe(ageS(oldestUs));
      for (const entry of entries) {
        if (this.batch.rows >= this.rowsLimit) break;
        this.batch.add(feedId, positionUs, entry);
        this.readUs.set(feedId, entry.stampUs);
      }
    }
    if (rowsBefore === 0 && this.batch.rows > 0) this.firstRowMs = monotonicMs();
    // Of what waits to be stored nothing is known before it is.
    if (this.batch.isEmpty && this.readUs.size > 0) this.failure = null;
    if (most > 0 && most < READ_ENTRIES / 4 && !this.isDue()) await delay(GATHER_MS);
  }

  private isDue(): boolean {
    if (this.batch.isEmpty) return false;
    const rowsDue = Math.min(this.config.writer.flushRows, this.rowsLimit);
    return this.batch.rows >= rowsDue || monotonicMs() >= this.dueMs();
  }

  /** When the batch has to begin to be committed, on the monotonic clock, ms. */
  private dueMs(): number {
    if (this.batch.rows === 0) return this.lastCommitMs + IDLE_COMMIT_MS;
    return this.firstRowMs + this.config.writer.flushMs - this.commitCostMs - COMMIT_MARGIN_MS;
  }

  private async commit(): Promise<void> {
    if (this.batch.isEmpty || !this.connection) return;
    const { client } = this.connection;
    const startMs = monotonicMs();
    let isHung = false;
    const hung = setTimeout(() => {
      isHung = true;
      this.log.error({ event: 'commit_hangs', afterMs: COMMIT_TIMEOUT_MS });
      // With a query under way this cuts the connection, and the query fails.
      void client.end();
    }, COMMIT_TIMEOUT_MS);
    let refused: number;
    try {
      refused = await storeBatch(client, this.batch);
    } catch (error) {
      if (isHung || (error as { code?: string }).code === QUERY_CANCELED) {
        this.rowsLimit = Math.max(1, Math.floor(Math.min(this.rowsLimit, this.batch.rows) / 2));
      }
      throw error;
    } finally {
      clearTimeout(hung);
    }
    for (const [feedId, { toUs }] of this.batch.moves) this.positions.set(feedId, toUs);
    const setAside = this.batch.quarantine.length + refused;
    if (setAside > 0)
      this.log.warn({ event: 'rows_quarantined', count: setAside, first: this.batch.quarantine[0]?.detail });
    const { depth, ticks } = this.batch.origins;
    rowsStored.inc({ table: 'depth' }, depth.length);
    rowsStored.inc({ table: 'ticks' }, ticks.length);
    rowsQuarantined.inc(setAside);
    if (this.batch.rows > 0) {
      flushRows.observe(this.batch.rows);
      commitSeconds.observe((monotonicMs() - startMs) / 1000);
      committedAge.observe(ageS(this.oldestUs));
    }
    this.oldestUs = Number.POSITIVE_INFINITY;
    this.rows += this.batch.rows - setAside;
    this.quarantined += setAside;
    this.batch.clear();
    this.failure = null;
    this.rowsLimit = Math.min(this.rowsLimit * 2, this.rowsMax);
    this.lastCommitMs = monotonicMs();
    this.commitCostMs += (this.lastCommitMs - startMs - this.commitCostMs) / 8;
  }

  private async startOver(error: unknown): Promise<void> {
    const reason = error instanceof Error ? error.message : String(error);
    interruptions.inc();
    if (error instanceof PositionMovedError) {
      violated('position_moved');
      this.log.warn({ event: 'position_moved', reason });
    } else this.log.error({ event: 'writing_interrupted', reason, code: (error as { code?: string }).code });
    this.failure = reason;
    await this.disconnect();
  }

  private async disconnect(): Promise<void> {
    const { connection } = this;
    this.connection = null;
    this.batch.clear();
    this.oldestUs = Number.POSITIVE_INFINITY;
    this.positions = new Map();
    this.readUs = new Map();
    if (!connection) return;
    await Promise.all([endInTime(connection.client), connection.leases.close()]);
  }
}

/** Streams that take this much of the cap begin to lose their window, and have none left where an alarm says that they fill up. */
const SHRINKS_FROM = 0.5;
const SHRUNK_AT = 0.7;

/**
 * For how long entries are kept that are stored already, µs. That is a courtesy to readers: where the streams come near their
 * cap it is given up step by step, or it would hold publishing back.
 */
export function windowFor({ bytesMax, windowS }: Config['stream'], bytes: number): number {
  const left = (SHRUNK_AT - bytes / bytesMax) / (SHRUNK_AT - SHRINKS_FROM);
  return Math.round(windowS * 1_000_000 * Math.min(1, Math.max(0, left)));
}

/** Age of a stamp now, s. */
const ageS = (stampUs: number): number => Math.max(0, wallClockUs() - stampUs) / 1e6;
