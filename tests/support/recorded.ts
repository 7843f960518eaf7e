/** A session recorded as it would be live: collectors' pipelines, journal, streams, writer; with a clock of the test's own. */
import path from 'node:path';
import pg from 'pg';
import pino from 'pino';
import { vi } from 'vitest';
import { FeedPipeline } from '../../collectors/feed.ts';
import { migrate } from '../../db/migrate.ts';
import { MarketHours } from '../../lib/calendar/hours.ts';
import { loadConfig } from '../../lib/config/config.ts';
import { DHAN_SEGMENT_CODES } from '../../lib/core/exchange.ts';
import { type Feed, feedById } from '../../lib/core/feeds.ts';
import type { Instrument } from '../../lib/core/instrument.ts';
import { ASK, BID, type Side, SideLevels } from '../../lib/core/side.ts';
import { newFrameDecoder } from '../../lib/decode/frame-decoders.ts';
import { connectBlockingRedis, connectRedis } from '../../lib/queue/redis.ts';
import { StreamAppender, StreamReader } from '../../lib/queue/streams.ts';
import { encodeDhanDepth } from '../../lib/wire/dhan-depth.ts';
import { KITE_BYTES, KITE_FIELD } from '../../lib/wire/kite.ts';
import { encodeKiteFrame, kitePacket } from '../../lib/wire/kite-encode.ts';
import { READ_BLOCK_MS, Writer } from '../../workers/writer/writer.ts';
import { newDataFolder } from './data-folder.ts';
import { createDatabase, startTestRedis } from './servers.ts';

const log = pino({ level: 'silent' });
/** 2026-11-25 10:00 IST. */
export const START_US = Date.UTC(2026, 10, 25, 4, 30) * 1000;
export const SECOND_US = 1_000_000;
export const KITE = feedById(1);
export const DEPTH200 = feedById(31);
export const NIFTY: Instrument = {
  id: 1,
  exchange: 'NFO',
  symbol: 'NIFTY26DECFUT',
  name: 'NIFTY',
  type: 'FUT',
  expiry: '2026-12-29',
  strike: null,
  priceScale: 100,
  tickSize: 10,
  lotSize: 65,
  kiteToken: 13_494_786,
  dhanSegment: 'NSE_FNO',
  dhanSecurityId: 52_714,
};

const until = <T>(condition: () => T | Promise<T>): Promise<T> =>
  vi.waitFor(condition, { timeout: 30_000, interval: 20 });

/** Numbers that look like chance and are the same in every run. */
function* chance(seed: number): Generator<number, never, undefined> {
  for (let state = seed; ; ) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    yield state / 2 ** 32;
  }
}

export interface Recorded {
  readonly databaseUrl: string;
  readonly redisUrl: string;
  readonly dataDir: string;
  /** Stamp of the last frame. */
  readonly endUs: number;
  stop(): Promise<void>;
}

/**
 * @param seconds of the market; a gap of the depth feed lies from a quarter to a third of it
 * @param pooled the address by which the writer reaches a database
 */
export async function recordSession(
  postgresUrl: string,
  seconds: number,
  pooled = (databaseUrl: string): string => databaseUrl,
): Promise<Recorded> {
  const database = await createDatabase(postgresUrl);
  await migrate(database.url, log);
  await storeNifty(database.url);
  const server = await startTestRedis();
  const dataDir = newDataFolder();
  const redis = connectRedis(server.url, log);
  await new Promise((resolve) => redis.once('ready', resolve));
  let nowUs = START_US;
  const open = (feed: Feed) =>
    FeedPipeline.open({
      feed,
      instruments: [NIFTY],
      hours: () => new MarketHours('always'),
      newFrameDecoder: () => newFrameDecoder(feed),
      appender: new StreamAppender(redis),
      journalDir: path.join(dataDir, 'journal'),
      segmentBytes: 150_000,
      heldBack: () => null,
      outboxBytesMax: 50_000_000,
      nowUs: () => nowUs,
      log,
    });
  const kite = await open(KITE);
  const depth = await open(DEPTH200);
  for (const pipeline of [kite, depth]) pipeline.setInstruments([NIFTY]);
  const random = chance(7);
  let volume = 415_425;
  const [gapFrom, gapTo] = [seconds / 4, seconds / 3];
  for (let step = 0; step < seconds * 5; step += 1) {
    nowUs = START_US + step * 200_000;
    const second = step / 5;
    const mid = 2_604_000 + Math.round((random.next().value - 0.5) * 40) * 10;
    if (Math.abs(second - gapFrom) < 0.01) depth.openGap('disconnected');
    if (second < gapFrom || second > gapTo) {
      for (const side of [BID, ASK] as const) depth.frame(depthFrame(side, mid, random));
    }
    // What no decoder can make sense of is a part of any session.
    if (step % 97 === 50) depth.frame(Buffer.from([1, 2, 3]));
    if (step % 2 === 0) {
      volume += Math.floor(random.next().value * 4) * 65;
      kite.frame(tickFrame(mid + (random.next().value > 0.5 ? 10 : -10), volume, mid));
    }
    // A turn of the event loop has one write to the journal, as it has live.
    await new Promise((resolve) => setImmediate(resolve));
  }
  const endUs = nowUs;
  await writeAll(
    { DATABASE_URL: pooled(database.url), DATABASE_DIRECT_URL: database.url, REDIS_URL: server.url },
    endUs,
  );
  for (const pipeline of [kite, depth]) await pipeline.close();
  redis.disconnect();
  return {
    databaseUrl: database.url,
    redisUrl: server.url,
    dataDir,
    endUs,
    stop: async () => {
      await server.stop();
      await database.drop();
    },
  };
}

async function writeAll(environment: Record<string, string>, endUs: number): Promise<void> {
  const config = loadConfig(environment);
  const own = connectRedis(config.redisUrl, log);
  const blocking = connectBlockingRedis(config.redisUrl, log, READ_BLOCK_MS);
  const writer = new Writer(config, new StreamReader(blocking, own), log);
  writer.start();
  const client = new pg.Client({ connectionString: config.databaseUrl });
  await client.connect();
  await until(async () => {
    const { rows } = await client.query<{ behind: number }>(
      'SELECT count(*)::integer AS behind FROM gehra.feed_positions WHERE feed_id IN ($1, $2) AND position >= $3',
      [KITE.id, DEPTH200.id, endUs],
    );
    if (rows[0]?.behind !== 2) throw new Error('the writer is not there yet');
  });
  await client.end();
  await writer.stop();
  own.disconnect();
  blocking.disconnect();
}

async function storeNifty(databaseUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  await client.query(
    `INSERT INTO gehra.instruments (exchange, symbol, name, type, expiry, price_scale, tick_size, lot_size, kite_token,
       dhan_segment, dhan_security_id, first_recorded)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, now())`,
    [
      NIFTY.exchange,
      NIFTY.symbol,
      NIFTY.name,
      NIFTY.type,
      NIFTY.expiry,
      NIFTY.priceScale,
      NIFTY.tickSize,
      NIFTY.lotSize,
      NIFTY.kiteToken,
      NIFTY.dhanSegment,
      NIFTY.dhanSecurityId,
    ],
  );
  await client.end();
}

function depthFrame(side: Side, mid: number, random: Generator<number, never, undefined>): Buffer {
  const levels = new SideLevels();
  levels.count = 200;
  for (let i = 0; i < levels.count; i += 1) {
    levels.prices[i] = mid + (side === BID ? -1 : 1) * (10 + i * 20);
    levels.quantities[i] = 65 * (1 + Math.floor(random.next().value * 20));
    levels.orders[i] = 1 + Math.floor(random.next().value * 5);
  }
  return encodeDhanDepth(200, DHAN_SEGMENT_CODES.NSE_FNO, NIFTY.dhanSecurityId as number, side, levels);
}

/** A full packet with a best bid and ask around `mid`. */
export function tickFrame(price: number, volume: number, mid: number, oi = 10_337_325): Buffer {
  const packet = kitePacket(KITE_BYTES.full);
  const { words } = packet;
  words[KITE_FIELD.token] = NIFTY.kiteToken as number;
  words[KITE_FIELD.lastPrice] = price;
  words[KITE_FIELD.volume] = volume;
  words[KITE_FIELD.oi] = oi;
  words[KITE_FIELD.depth] = 650;
  words[KITE_FIELD.depth + 1] = mid - 10;
  words[KITE_FIELD.depth + 15] = 650;
  words[KITE_FIELD.depth + 16] = mid + 10;
  return encodeKiteFrame([packet]);
}
