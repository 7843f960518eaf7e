/**
 * Who writes which feed. Writers count each other and divide the feeds by number; a feed is written by whoever holds its
 * advisory lock, which the server takes back the moment its holder's connection ends. Session locks: over a connection of
 * their own, without a pooler. What makes writing exactly once is not this but the check on the positions.
 */
import type pg from 'pg';
import { type Client, connect, endInTime } from '../../db/connect.ts';
import { FEEDS } from '../../lib/core/feeds.ts';

/** Namespaces of the two-part advisory locks ("GE" and a number). */
const MEMBER_LOCKS = 0x4745_0001;
const FEED_LOCKS = 0x4745_0002;
/** More writers than this wait for a place: there are not more feeds than that worth dividing. */
const WRITERS_MAX = 16;
/** Locks are answered at once: a server that has not by then went away without a word. */
const QUERY_TIMEOUT_MS = 10_000;

export class Leases {
  /** Feeds that this writer may write. */
  readonly held = new Set<number>();

  private constructor(
    private readonly client: pg.Client,
    /** 1-based place of this writer among those that may exist. */
    readonly place: number,
  ) {}

  /** @param onLost the connection has ended: nothing is held any more */
  static async open(directUrl: string, onLost: (error: Error) => void): Promise<Leases> {
    const client = await connect(directUrl, 'writer-leases', onLost, QUERY_TIMEOUT_MS);
    try {
      for (let place = 1; place <= WRITERS_MAX; place += 1) {
        if (await tryLock(client, MEMBER_LOCKS, place)) return new Leases(client, place);
      }
      throw new Error(`there are ${WRITERS_MAX} writers already`);
    } catch (error) {
      await endInTime(client);
      throw error;
    }
  }

  /**
   * Which feeds are this writer's share now. Those held and not in it should be given back (`release`) as soon as their
   * rows are committed.
   */
  async share(): Promise<Set<number>> {
    const { rows } = await this.client.query<{ place: number }>(
      `SELECT objid::integer AS place FROM pg_locks
       WHERE locktype = 'advisory' AND granted AND classid::bigint = $1
         AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
       ORDER BY objid`,
      [MEMBER_LOCKS],
    );
    const rank = rows.findIndex(({ place }) => place === this.place);
    return new Set(FEEDS.filter((_, i) => i % rows.length === rank).map(({ id }) => id));
  }

  /** Tries to get these feeds; those that another still holds are tried again next time. @returns the ones got */
  async acquire(feedIds: Iterable<number>): Promise<number[]> {
    const got: number[] = [];
    for (const feedId of feedIds) {
      if (this.held.has(feedId) || !(await tryLock(this.client, FEED_LOCKS, feedId))) continue;
      this.held.add(feedId);
      got.push(feedId);
    }
    return got;
  }

  async release(feedIds: Iterable<number>): Promise<void> {
    for (const feedId of feedIds) {
      if (!this.held.delete(feedId)) continue;
      await this.client.query('SELECT pg_advisory_unlock($1, $2)', [FEED_LOCKS, feedId]);
    }
  }

  async close(): Promise<void> {
    this.held.clear();
    await endInTime(this.client);
  }
}

async function tryLock(client: Client, space: number, key: number): Promise<boolean> {
  const { rows } = await client.query<{ got: boolean }>('SELECT pg_try_advisory_lock($1, $2) AS got', [space, key]);
  return rows[0]?.got === true;
}
