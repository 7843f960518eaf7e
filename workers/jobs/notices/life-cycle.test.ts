import { rmSync } from 'node:fs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { storeKiteToken } from '../../../lib/auth/token-store.ts';
import { loadConfig } from '../../../lib/config/config.ts';
import { istTimeUs } from '../../../lib/core/ist.ts';
import { newDataFolder } from '../../../tests/support/data-folder.ts';
import { savedTokens, startedNotice, stoppedNotice } from './life-cycle.ts';

const nowMs = istTimeUs('2026-11-27', '08:50') / 1000;
let dataDir: string;

beforeEach(() => {
  dataDir = newDataFolder();
});
afterEach(() => rmSync(dataDir, { recursive: true }));

it('tells of a start and a stop by the minute, so that whatever starts again and again says it once', () => {
  expect(startedNotice(nowMs + 20_000)).toEqual(startedNotice(nowMs + 40_000));
  expect(startedNotice(nowMs + 60_000).event).not.toBe(startedNotice(nowMs).event);
  expect(stoppedNotice(nowMs)).toMatchObject({ title: 'Gehra stops', detail: expect.stringContaining('08:50 IST') });
});

it('tells of each token that was saved once, without a word of it, and not of one that was there before', async () => {
  const config = loadConfig({ GEHRA_DATA_DIR: dataDir, GEHRA_SIMULATED: '1' });
  expect(savedTokens(config, nowMs)).toEqual([]);
  await storeKiteToken(config, { accessToken: 'canary0123', account: null, loginMs: nowMs });
  const [first] = savedTokens(config, nowMs + 5000);
  expect(first).toMatchObject({ level: 'ok', title: 'A Kite token was saved' });
  expect(first?.detail).toMatch(/08:50 IST: the Kite token is good until .* 06:00 IST\.$/);
  expect(JSON.stringify(first)).not.toContain('canary');
  expect(savedTokens(config, nowMs + 60_000)).toEqual([first]);
  await storeKiteToken(config, { accessToken: 'canary4567', account: null, loginMs: nowMs + 30_000 });
  expect(savedTokens(config, nowMs + 60_000)[0]?.event).not.toBe(first?.event);
  expect(savedTokens(config, nowMs + 3_600_000)).toEqual([]);
});
