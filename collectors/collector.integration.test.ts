import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pino from 'pino';
import { expect, it, vi } from 'vitest';
import { MarketHours } from '../lib/calendar/hours.ts';
import type { Config } from '../lib/config/config.ts';
import type { Instrument } from '../lib/core/instrument.ts';
import { connectRedis } from '../lib/queue/redis.ts';
import { startTestRedis } from '../tests/support/servers.ts';
import { type BrokerFeeds, Slots } from './collector.ts';

const log = pino({ level: 'silent' });

/** Nobody is logged in, and nothing is decoded. */
const BROKER = {
  broker: 'dhan',
  newFrameDecoder: () => ({ setInstruments: () => undefined, restore: () => undefined, state: () => null }),
  link: () => ({ dial: () => ({ missing: 'no token' }) }),
} as unknown as BrokerFeeds;

it('records the other feeds where one cannot be opened, and that one as soon as it can', async () => {
  const dir = mkdtempSync(path.join(tmpdir(), 'gehra-slots-'));
  const server = await startTestRedis();
  const redis = connectRedis(server.url, log);
  const config = { journal: { segmentBytes: 20_000 } } as Config;
  const hours = { now: new MarketHours('always') };
  const slots = new Slots(BROKER, config, dir, redis, { heldBack: null }, hours, log, 20);
  try {
    // A file where the folder of a day should be.
    const damaged = path.join(dir, 'dhan-depth200-1', '2026-11-23');
    mkdirSync(path.dirname(damaged));
    writeFileSync(damaged, '');
    const instruments = [{ id: 1, exchange: 'NFO', symbol: 'X' } as Instrument];
    slots.follow({ feeds: ['dhan-depth200-1', 'dhan-depth200-2'].map((feed) => ({ feed, instruments })) });
    const states = (): string[] => Object.entries(slots.status()).map(([feed, { state }]) => `${feed} ${state}`);
    await vi.waitFor(() => expect(states()).toEqual(['dhan-depth200-2 needs_login', 'dhan-depth200-1 backing_off']));
    expect(slots.status()['dhan-depth200-1']?.detail).toContain('ENOTDIR');
    rmSync(damaged);
    await vi.waitFor(() => expect(states()).toEqual(['dhan-depth200-2 needs_login', 'dhan-depth200-1 needs_login']));
  } finally {
    await slots.stop();
    redis.disconnect();
    await server.stop();
    rmSync(dir, { recursive: true });
  }
});
