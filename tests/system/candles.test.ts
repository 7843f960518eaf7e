/**
 * Candles of both brokers through a whole instance: downloaded by the verb while the process that does it is killed, and held
 * against what was recorded, with a gap that explains what is missing.
 */
import { spawn } from 'node:child_process';
import path from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import type { Answer } from '../../lib/api/operations.ts';
import { foreignEnvironment } from '../../lib/config/config.ts';
import { packageRoot } from '../../lib/config/root.ts';
import { addDays, formatIstDate } from '../../lib/core/ist.ts';
import { toSpawn } from '../../scripts/supervise/environment.ts';
import { gehra } from '../support/gehra.ts';
import { Instance } from '../support/instance.ts';
import { untilRecording } from '../support/waits.ts';

type DayAnswer = Answer<'/api/orderflow/reconciliation'>;

const DAY_US = 86_400_000_000;
const SHARE = 'NSE:RELIANCE';

let instance: Instance;
let today: string;
beforeAll(async () => {
  instance = await Instance.start();
  await untilRecording(instance);
  today = formatIstDate(Date.now() * 1000);
});
afterAll(() => instance.stop());

const requestsMade = async (): Promise<Record<string, number>> =>
  (await instance.exchange<{ historical_calls: Record<string, number> }>('/control/state')).historical_calls;

const candles = (...args: string[]) =>
  gehra(['candles', '--data', instance.dataDir, '--to', addDays(today, -1), ...args]);

it('the verb downloads most of a year of minutes, though the worker is killed in the middle', {
  timeout: 240_000,
}, async () => {
  const from = addDays(today, -350);
  const before = await requestsMade();
  const verb = candles(SHARE, '--from', from, '--broker', 'kite');
  await vi.waitFor(
    async () => {
      const [row] = await instance.sql<{ received: number }>('SELECT received FROM gehra.candle_downloads');
      expect(row?.received).toBeGreaterThan(0);
    },
    { timeout: 60_000, interval: 50 },
  );
  process.kill(instance.pid('jobs') as number, 'SIGKILL');
  const { code, stdout, stderr } = await verb;
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(new RegExp(`${SHARE} minute of kite: 100 %, \\d+ candles, .*; done`));
  // 350 days in requests of 60; the one under way when it was killed may have been made twice.
  const made = ((await requestsMade()).kite_historical as number) - (before.kite_historical as number);
  expect(made).toBeGreaterThanOrEqual(6);
  expect(made).toBeLessThanOrEqual(7);
  const [stored] = await instance.sql<{ candles: number; received: number }>(
    `SELECT (SELECT count(*)::integer FROM gehra.historical_candles WHERE source = 'kite') AS candles,
       (SELECT received FROM gehra.candle_downloads) AS received`,
  );
  expect(stored?.candles).toBe(stored?.received);
  const [old] = await instance.sql<{ count: number }>(
    `SELECT count(*)::integer AS count FROM historical_data WHERE timeframe = 'minute' AND trading_symbol = 'RELIANCE'`,
  );
  expect(old?.count).toBe(stored?.candles);
});

it('Ctrl-C cancels what is under way, and the same command goes on there', { timeout: 240_000 }, async () => {
  const args = ['candles', '--data', instance.dataDir, SHARE, '--broker', 'kite', '--interval', '5minute'];
  const year = ['--from', addDays(today, -1500), '--to', addDays(today, -1)];
  const before = await requestsMade();
  const verb = spawn(path.join(packageRoot, 'gehra'), [...args, ...year], {
    env: toSpawn(foreignEnvironment()),
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  verb.stderr.on('data', (chunk) => {
    said += chunk;
  });
  const ended = new Promise<number | null>((resolve) => verb.once('close', resolve));
  const stateOf = async () =>
    (
      await instance.sql<{ received: number; state: string; due: string }>(
        `SELECT received, state, due_at::text AS due FROM gehra.candle_downloads WHERE timeframe = '5minute'`,
      )
    )[0];
  await vi.waitFor(async () => expect((await stateOf())?.received).toBeGreaterThan(0), {
    timeout: 60_000,
    interval: 20,
  });
  verb.kill('SIGINT');
  expect([await ended, said]).toEqual([1, 'Cancelled. What has come is kept: the same command goes on from there.\n']);
  expect(await stateOf()).toMatchObject({ state: 'waiting', due: 'infinity' });
  const { code, stdout } = await gehra([...args, ...year]);
  expect([code, stdout]).toEqual([0, expect.stringMatching(/100 %, .*; done/)]);
  // 1,500 days in requests of 100; none was made twice.
  const made = ((await requestsMade()).kite_historical as number) - (before.kite_historical as number);
  expect(made).toBe(15);
});

it('charts have them, of each broker by itself', { timeout: 120_000 }, async () => {
  const { code, stderr } = await candles(SHARE, '--from', addDays(today, -30), '--interval', 'day', '--broker', 'dhan');
  expect([code, stderr]).toEqual([0, '']);
  const [from, to] = [addDays(today, -30), today].map((date) => `${date}T00:00:00+05:30`) as [string, string];
  const query = new URLSearchParams({ instrument: SHARE, from, to, interval: 'day' });
  const answer = (await (
    await fetch(`${instance.appUrl}/api/orderflow/candles?${query}`)
  ).json()) as Answer<'/api/orderflow/candles'>;
  expect(answer).toMatchObject({ source: 'dhan', stored: { kite: 0 } });
  expect(answer.candles.length).toBeGreaterThan(15);
  expect(Date.parse(answer.recordedFrom as string)).toBeGreaterThan(Date.parse(to) - DAY_US / 1000);
});

it('a wrong instrument and a wrong day are said in words', async () => {
  expect(await candles('NSE:NOBODY', '--from', addDays(today, -3))).toMatchObject({
    code: 1,
    stderr: 'There is no instrument NSE:NOBODY.\n',
  });
  expect(await candles(SHARE, '--from', addDays(today, 3))).toMatchObject({ code: 2 });
});

it('what was recorded agrees with the broker, but for a gap, which explains itself', { timeout: 480_000 }, async () => {
  const [future] = await instance.sql<{ slug: string }>(
    `SELECT exchange || ':' || symbol AS slug FROM gehra.instruments WHERE name = 'NIFTY' AND type = 'FUT' AND listed`,
  );
  await instance.control('refuse', { feed: 'kite', status: 503, times: 5 });
  await instance.control('cut', { feed: 'kite', how: 'reset' });
  const lineOf = async (): Promise<DayAnswer['instruments'][number]> => {
    const asked = await fetch(`${instance.appUrl}/api/orderflow/reconciliation`, {
      method: 'POST',
      headers: { origin: instance.appUrl },
    });
    expect(asked.status).toBe(202);
    const answer = await fetch(`${instance.appUrl}/api/orderflow/reconciliation?day=${today}`);
    const { instruments } = (await answer.json()) as DayAnswer;
    const line = instruments.find(({ instrument, feed }) => instrument === future?.slug && feed.startsWith('kite'));
    if (!line) throw new Error('the day does not list the future yet');
    return line;
  };
  // A minute is compared two minutes after its end, when the broker has settled it.
  const line = await vi.waitFor(
    async () => {
      const one = await lineOf();
      expect(one.outcome).not.toBe('not_made');
      expect(one.gaps.find(({ cause }) => cause !== 'not_recorded')?.brokerVolume).toBeGreaterThan(0);
      expect(one.ours?.volume).toBeGreaterThan(0);
      return one;
    },
    { timeout: 400_000, interval: 5000 },
  );
  expect(line.differences.filter(({ because }) => because === null)).toEqual([]);
  expect(line.outcome).toBe('explained');
  expect(line.volume?.inGaps).toBeGreaterThan(0);
  expect(line.missingMinutes.count).toBe(0);
});
