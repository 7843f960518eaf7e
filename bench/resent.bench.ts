/** c3: frames into rows, while everything between them goes wrong. */
import { rmSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { FeedPipeline } from '../collectors/feed.ts';
import { OUTBOX_BYTES_MAX } from '../collectors/publisher.ts';
import { type Client, connect } from '../db/connect.ts';
import { migrate } from '../db/migrate.ts';
import { loadPositions } from '../db/positions.ts';
import { MarketHours } from '../lib/calendar/hours.ts';
import { type Config, loadConfig } from '../lib/config/config.ts';
import { depthChecksum } from '../lib/core/checksum.ts';
import { DHAN_SEGMENT_CODES } from '../lib/core/exchange.ts';
import { feedById } from '../lib/core/feeds.ts';
import type { Instrument } from '../lib/core/instrument.ts';
import { ASK, BID, SideLevels } from '../lib/core/side.ts';
import { DhanDepthDecoder } from '../lib/decode/dhan-depth.ts';
import { wallClockUs } from '../lib/obs/clock.ts';
import { createLog, type Log } from '../lib/obs/log.ts';
import { KEYS } from '../lib/queue/keys.ts';
import { connectBlockingRedis, connectRedis, type Redis } from '../lib/queue/redis.ts';
import { StreamReader } from '../lib/queue/streams.ts';
import { encodeDhanDepth } from '../lib/wire/dhan-depth.ts';
import { newDataFolder } from '../tests/support/data-folder.ts';
import { createDatabase, startTestPostgres, startTestRedis, type TestServer } from '../tests/support/servers.ts';
import { READ_BLOCK_MS, Writer } from '../workers/writer/writer.ts';
import type { Bench, Metrics } from './support/bench.ts';
import { recordBooks } from './support/books.ts';
import { FaultyAppender } from './support/faulty-appender.ts';
import { balanceOf } from './support/row-balance.ts';

const FEED = feedById(31);
const SEED = 20_251_229;
const DISTINCT_BOOKS = 50;
const FRAMES = 12_000;
/** Frames that come in one turn of the event loop, and the pause to the next. */
const FRAMES_A_TURN = 20;
const TURN_MS = 10;
/** Turns between two blows. */
const TURNS_A_BLOW = 20;
const WRITERS = 2;
/** Small enough that the journal has several. */
const SEGMENT_BYTES = 4 * 1024 * 1024;
/** What is not stored so long after the last fault counts as lost. */
const SETTLE_MS = 60_000;
const POLL_MS = 50;

const INSTRUMENT: Instrument = {
  id: 1,
  exchange: 'NFO',
  symbol: 'NIFTY26NOVFUT',
  name: 'NIFTY',
  type: 'FUT',
  expiry: '2026-11-24',
  strike: null,
  priceScale: 100,
  tickSize: 5,
  lotSize: 75,
  kiteToken: null,
  dhanSegment: 'NSE_FNO',
  dhanSecurityId: 55_796,
};

interface Frame {
  readonly bytes: Buffer;
  readonly checksum: number;
}

/** Sides of the synthetic future, bid and ask in turn, each with its number as best quantity: no two are the same. */
function makeFrames(): Frame[] {
  const books = recordBooks(DISTINCT_BOOKS);
  const levels = new SideLevels();
  return Array.from({ length: FRAMES }, (_, n) => {
    const side = n % 2 === 0 ? BID : ASK;
    const { bids, asks } = books[Math.floor(n / 2) % books.length] as (typeof books)[number];
    levels.copyFrom(side === BID ? bids : asks);
    levels.quantities[0] = n + 1;
    const { dhanSecurityId } = INSTRUMENT;
    return {
      bytes: encodeDhanDepth(200, DHAN_SEGMENT_CODES.NSE_FNO, dhanSecurityId as number, side, levels),
      checksum: depthChecksum(levels),
    };
  });
}

interface Scene {
  readonly client: Client;
  readonly redis: Redis;
}

/** What befalls the stream and the writers, one after the other. */
const BLOWS: readonly ((scene: Scene) => Promise<void>)[] = [
  keepStream,
  // The second connection of each writer goes on for a moment while another takes its feeds over.
  ({ client }) => endSessions(client, 'gehra-writer-leases'),
  setStreamBack,
  ({ client }) => endSessions(client, 'gehra-writer'),
  emptyStream,
];
const STREAM_KEY = KEYS.stream(FEED.name);
let keptStream: Buffer | null = null;

async function keepStream({ redis }: Scene): Promise<void> {
  keptStream = await redis.dumpBuffer(STREAM_KEY);
}

/** As after a crash: what came after the last write to the disk is gone. */
async function setStreamBack({ redis }: Scene): Promise<void> {
  if (keptStream) await redis.restore(STREAM_KEY, 0, keptStream, 'REPLACE');
}

async function emptyStream({ redis }: Scene): Promise<void> {
  await redis.del(STREAM_KEY);
}

async function endSessions(client: Client, name: string): Promise<void> {
  await client.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name = $1`,
    [name],
  );
}

async function resentAndOutOfOrder(): Promise<Metrics> {
  const log = createLog('bench', 'silent');
  const journalDir = newDataFolder();
  const [postgres, redisServer] = await Promise.all([startTestPostgres(), startTestRedis()]);
  try {
    const { url } = await createDatabase(postgres.url);
    await migrate(url, log);
    return await measure(url, redisServer, journalDir, log);
  } finally {
    await Promise.all([postgres.stop(), redisServer.stop()]);
    rmSync(journalDir, { recursive: true });
  }
}

async function measure(databaseUrl: string, redisServer: TestServer, journalDir: string, log: Log): Promise<Metrics> {
  const frames = makeFrames();
  const client = await connect(databaseUrl, 'bench');
  const redis = connectRedis(redisServer.url, log);
  await new Promise((resolve) => redis.once('ready', resolve));
  const config = loadConfig({ DATABASE_URL: databaseUrl, REDIS_URL: redisServer.url });
  const writers = Array.from({ length: WRITERS }, () => startWriter(config, log));
  const appender = new FaultyAppender(redis, SEED);
  const pipeline = await FeedPipeline.open({
    feed: FEED,
    instruments: [INSTRUMENT],
    hours: () => new MarketHours('always'),
    newFrameDecoder: () => new DhanDepthDecoder(200),
    appender,
    journalDir,
    segmentBytes: SEGMENT_BYTES,
    heldBack: () => null,
    outboxBytesMax: OUTBOX_BYTES_MAX,
    nowUs: wallClockUs,
    log,
  });
  pipeline.setInstruments([INSTRUMENT]);

  const blows = await sendFrames(pipeline, frames, { client, redis });
  appender.isFaulty = false;
  await settle(client);

  const balance = await balanceOf(
    client,
    FEED.id,
    frames.map(({ checksum }) => checksum),
  );
  await pipeline.close();
  for (const { stop } of writers) await stop();
  redis.disconnect();
  await client.end();
  const { lost, doubled, setAside } = balance;
  return {
    'rows lost or doubled': lost + doubled + setAside,
    'rows lost': lost,
    'rows doubled': doubled,
    'rows set aside': setAside,
    'frames sent': frames.length,
    'entries resent': appender.resent,
    faults: appender.faults + blows,
  };
}

/** @returns how many blows fell meanwhile */
async function sendFrames(pipeline: FeedPipeline, frames: readonly Frame[], scene: Scene): Promise<number> {
  let blows = 0;
  for (let from = 0, turn = 1; from < frames.length; from += FRAMES_A_TURN, turn += 1) {
    for (const { bytes } of frames.slice(from, from + FRAMES_A_TURN)) pipeline.frame(bytes);
    await delay(TURN_MS);
    if (turn % TURNS_A_BLOW !== 0) continue;
    await BLOWS[blows % BLOWS.length]?.(scene);
    blows += 1;
  }
  return blows;
}

/** Waits until the database says that it holds everything up to now, as long as that may take: marks follow the frames. */
async function settle(client: Client): Promise<void> {
  const endUs = wallClockUs();
  const untilMs = performance.now() + SETTLE_MS;
  while (performance.now() < untilMs && ((await loadPositions(client, [FEED.id])).get(FEED.id) ?? 0) < endUs) {
    await delay(POLL_MS);
  }
}

function startWriter(config: Config, log: Log): { stop: () => Promise<void> } {
  const redis = connectRedis(config.redisUrl, log);
  const blocking = connectBlockingRedis(config.redisUrl, log, READ_BLOCK_MS);
  const writer = new Writer(config, new StreamReader(blocking, redis), log);
  writer.start();
  return {
    async stop() {
      await writer.stop();
      redis.disconnect();
      blocking.disconnect();
    },
  };
}

const resentRows: Bench = {
  name: 'resent-rows',
  what: `${FRAMES} side frames from socket to row while entries are resent and come out of order, the stream loses its end or all, and writers lose their connections`,
  worse: 'A lost row is a hole in the book that nobody sees; a doubled one counts an order twice.',
  measures: [{ goal: 'c3', metric: 'rows lost or doubled', variant: 'product' }],
  variants: [
    {
      name: 'product',
      what: `ours: a collector’s feed with its journal, Redis, ${WRITERS} writers, PostgreSQL; a faulty connection to Redis, a blow each ${TURNS_A_BLOW * FRAMES_A_TURN} frames. Rows are compared with frames by a checksum of their levels.`,
      run: resentAndOutOfOrder,
    },
  ],
};

export const benches = [resentRows];
