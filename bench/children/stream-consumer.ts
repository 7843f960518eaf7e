/** Reads a feed's stream as the writer does, decodes its entries or only counts them, and says when it has them all. */
import { feedById } from '../../lib/core/feeds.ts';
import { createLog } from '../../lib/obs/log.ts';
import { EntryReader } from '../../lib/queue/entry.ts';
import { connectBlockingRedis, connectRedis } from '../../lib/queue/redis.ts';
import { StreamReader } from '../../lib/queue/streams.ts';
import { childOptions, say } from '../support/child.ts';
import { monotonicUs } from '../support/time.ts';

export interface StreamConsumerOptions {
  readonly redisUrl: string;
  readonly feedId: number;
  /** Ends after so many entries. */
  readonly entries: number;
  /** Whether they are entries of ours, to be decoded, or bytes that mean nothing. */
  readonly decode: boolean;
  /** Whether stamps are monotonic times of sending, and delays are wanted. */
  readonly delays: boolean;
}

export interface StreamConsumed {
  readonly entries: number;
  /** Ticks and sides decoded. */
  readonly records: number;
  /** µs from sending to having read and decoded it, of every entry; empty where they were not wanted. */
  readonly delaysUs: readonly number[];
}

const BLOCK_MS = 1000;
const ENTRIES_A_READ = 256;

const { redisUrl, feedId, entries, decode, delays } = childOptions<StreamConsumerOptions>();
const log = createLog('bench', 'warn');
const redis = connectRedis(redisUrl, log);
const blocking = connectBlockingRedis(redisUrl, log, BLOCK_MS);
const reader = new StreamReader(blocking, redis);
await Promise.all([redis, blocking].map((each) => new Promise((resolve) => each.once('ready', resolve))));
say({ ready: true });

const feed = feedById(feedId);
const decoder = new EntryReader();
const delaysUs: number[] = [];
let seen = 0;
let records = 0;
const count = (): void => {
  records += 1;
};
const handler = { onDepth: count, onTick: count, onGap: () => undefined, onReject: () => undefined };
let position = 0;
while (seen < entries) {
  const read = await reader.read(new Map([[feed.id, position]]), ENTRIES_A_READ, BLOCK_MS);
  for (const { stampUs, bytes } of read.get(feed.id) ?? []) {
    if (decode) decoder.read(stampUs, bytes, handler);
    if (delays) delaysUs.push(monotonicUs() - stampUs);
    position = stampUs;
    seen += 1;
  }
}
say({ entries: seen, records, delaysUs } satisfies StreamConsumed);
redis.disconnect();
blocking.disconnect();
