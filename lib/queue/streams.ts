/**
 * The queue of market data: one stream a feed, appended in order by its collector, read from a position by whoever wants
 * it. Nothing here is acknowledged or claimed: a reader's position is its own affair (the writer's stands in the
 * database), so a stream can be read by any number of readers and read again.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { type Feed, feedById } from '../core/feeds.ts';
import { stampOfStreamId, streamId } from '../core/stamp.ts';
import { KEYS } from './keys.ts';

export interface StreamEntry {
  readonly stampUs: number;
  readonly bytes: Buffer;
}

export interface AppendResult {
  /** How many of the entries the stream took, in their order. */
  readonly appended: number;
  /** Stamp of the stream's last entry now. */
  readonly lastUs: number;
  /** Why it took no more: the stream's end was not where the caller expected it, or the server's own words. */
  readonly refused: 'end_moved' | string | null;
}

/** Field of an entry that holds its bytes. */
const FIELD = 'e';
const NO_ENTRY = '0-0';
/** Between two looks at the streams of a cluster. */
const CLUSTER_LOOK_MS = 20;

/**
 * Appends entries one after the other if the stream ends where the caller thinks it does, and stops at the first that is
 * refused: in a pipeline of single XADDs one refused (out of memory) and the next accepted would leave a hole for ever.
 */
const APPEND = `
local info = redis.pcall('XINFO', 'STREAM', KEYS[1])
local last = '${NO_ENTRY}'
if not info.err then
  for i = 1, #info, 2 do
    if info[i] == 'last-generated-id' then last = info[i + 1] break end
  end
end
if last ~= ARGV[1] then return {0, last, 'end_moved'} end
local count = 0
for i = 2, #ARGV, 2 do
  local added = redis.pcall('XADD', KEYS[1], ARGV[i], '${FIELD}', ARGV[i + 1])
  if type(added) == 'table' then return {count, last, added.err} end
  last = ARGV[i]
  count = count + 1
end
return {count, last, ''}
`;

/** The collector's side: appends to the streams of its feeds. */
export class StreamAppender {
  constructor(private readonly redis: Redis) {
    redis.defineCommand('gehraAppend', { numberOfKeys: 1, lua: APPEND });
  }

  /**
   * Appends `entries`, oldest first, behind the entry stamped `afterUs` (0: an empty stream).
   *
   * @throws where Redis did not answer: whether it took them is then unknown, ask `lastStamp`
   */
  async append(feed: Feed, afterUs: number, entries: readonly StreamEntry[]): Promise<AppendResult> {
    const args: (string | Buffer)[] = [streamId(afterUs)];
    for (const { stampUs, bytes } of entries) args.push(streamId(stampUs), bytes);
    const { gehraAppend } = this.redis as unknown as {
      gehraAppend(key: string, ...args: (string | Buffer)[]): Promise<[number, string, string]>;
    };
    const [appended, last, refused] = await gehraAppend.call(this.redis, KEYS.stream(feed.name), ...args);
    return { appended, lastUs: stampOfStreamId(last), refused: refused || null };
  }

  lastStamp(feed: Feed): Promise<number> {
    return lastStamp(this.redis, feed);
  }

  /** Stamp up to which the database is known to hold this feed; null where no writer has said so yet. */
  async writtenUpTo(feed: Feed): Promise<number | null> {
    const stamp = await this.redis.hget(KEYS.positions, String(feed.id));
    return stamp === null ? null : Number(stamp);
  }

  bytes(feeds: readonly Feed[]): Promise<number> {
    return bytesOf(this.redis, feeds);
  }
}

/** The reader's side: takes entries from positions on, waits for new ones, and, for the writer, trims behind itself. */
export class StreamReader {
  /**
   * @param blocking a connection of its own, on which reads wait
   * @param redis for everything else
   */
  constructor(
    private readonly blocking: Redis,
    private readonly redis: Redis,
  ) {}

  /**
   * Entries after each feed's position, oldest first, at most `count` a feed. Where there are none it waits up to
   * `blockMs` for the first to come, and returns an empty map if none does.
   */
  async read(
    positionsUs: ReadonlyMap<number, number>,
    count: number,
    blockMs: number,
  ): Promise<Map<number, StreamEntry[]>> {
    if (this.blocking.isCluster) return this.readOneByOne(positionsUs, count, blockMs);
    const result = new Map<number, StreamEntry[]>();
    if (positionsUs.size === 0) return result;
    const feeds = [...positionsUs.keys()].map(feedById);
    const reply = (await this.blocking.xreadBuffer(
      'COUNT',
      count,
      'BLOCK',
      blockMs,
      'STREAMS',
      ...feeds.map(({ name }) => KEYS.stream(name)),
      ...[...positionsUs.values()].map(streamId),
    )) as [Buffer, [Buffer, Buffer[]][]][] | null;
    const byKey = new Map(feeds.map((feed) => [KEYS.stream(feed.name), feed.id]));
    for (const [key, entries] of reply ?? []) {
      result.set(byKey.get(key.toString('latin1')) as number, entries.map(toEntry));
    }
    return result;
  }

  /** The same of a cluster, where each stream may be on another node, and none can wait for several: it is looked again. */
  private async readOneByOne(
    positionsUs: ReadonlyMap<number, number>,
    count: number,
    blockMs: number,
  ): Promise<Map<number, StreamEntry[]>> {
    const result = new Map<number, StreamEntry[]>();
    for (let waitedMs = 0; positionsUs.size > 0; waitedMs += CLUSTER_LOOK_MS) {
      await Promise.all(
        Array.from(positionsUs, async ([feedId, positionUs]) => {
          const key = KEYS.stream(feedById(feedId).name);
          const reply = (await this.blocking.xreadBuffer('COUNT', count, 'STREAMS', key, streamId(positionUs))) as
            | [Buffer, [Buffer, Buffer[]][]][]
            | null;
          for (const [, entries] of reply ?? []) result.set(feedId, entries.map(toEntry));
        }),
      );
      if (result.size > 0 || waitedMs >= blockMs) break;
      await delay(Math.min(CLUSTER_LOOK_MS, blockMs - waitedMs));
    }
    return result;
  }

  /** The newest entries of a feed, oldest first. */
  async newest(feed: Feed, count: number): Promise<StreamEntry[]> {
    const entries = (await this.redis.xrevrangeBuffer(KEYS.stream(feed.name), '+', '-', 'COUNT', count)) as [
      Buffer,
      Buffer[],
    ][];
    return entries.map(toEntry).reverse();
  }

  lastStamp(feed: Feed): Promise<number> {
    return lastStamp(this.redis, feed);
  }

  /** Stamp of the oldest entry that a feed still has; null where it has none. */
  async firstStamp(feed: Feed): Promise<number | null> {
    const [first] = await this.redis.xrange(KEYS.stream(feed.name), '-', '+', 'COUNT', 1);
    return first ? stampOfStreamId(first[0]) : null;
  }

  bytes(feeds: readonly Feed[]): Promise<number> {
    return bytesOf(this.redis, feeds);
  }

  /** Makes known what the database holds, for collectors that have to publish again from their journals. */
  async announceWritten(positionsUs: ReadonlyMap<number, number>): Promise<void> {
    if (positionsUs.size === 0) return;
    await this.redis.hset(KEYS.positions, Object.fromEntries(positionsUs));
  }

  /** All that writers have announced, by feed id. */
  async writtenPositions(): Promise<Map<number, number>> {
    const all = await this.redis.hgetall(KEYS.positions);
    return new Map(Object.entries(all).map(([feedId, stamp]) => [Number(feedId), Number(stamp)]));
  }

  /** Forgets entries stamped before `beforeUs`. Never by count: a count does not know who still has to read. */
  async trim(feed: Feed, beforeUs: number): Promise<void> {
    await this.redis.xtrim(KEYS.stream(feed.name), 'MINID', '~', streamId(beforeUs));
  }
}

const toEntry = ([id, fields]: [Buffer, Buffer[]]): StreamEntry => ({
  stampUs: stampOfStreamId(id.toString('latin1')),
  bytes: fields[1] as Buffer,
});

/** Memory that the streams of these feeds take, bytes (estimated by the server from samples). */
async function bytesOf(redis: Redis, feeds: readonly Feed[]): Promise<number> {
  let total = 0;
  for (const feed of feeds) total += Number((await redis.call('MEMORY', 'USAGE', KEYS.stream(feed.name))) ?? 0);
  return total;
}

async function lastStamp(redis: Redis, feed: Feed): Promise<number> {
  const key = KEYS.stream(feed.name);
  if ((await redis.exists(key)) === 0) return 0;
  const info = (await redis.xinfo('STREAM', key)) as (string | number)[];
  const at = info.indexOf('last-generated-id');
  return stampOfStreamId(String(info[at + 1]));
}
