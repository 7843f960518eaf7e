import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../../lib/config/config.ts';
import {
  configuredBrokers,
  type SimulatorOptions,
  settleMarket,
  simulatedVariables,
  simulatorArguments,
  writeDemoTokens,
} from './market.ts';

let root: string;
beforeAll(() => {
  root = mkdtempSync(path.join(tmpdir(), 'gehra-market-'));
});
afterAll(() => rmSync(root, { recursive: true }));

const none = loadConfig({});
const kite = loadConfig({ KITE_API_KEY: 'key' });
const newFolder = (): string => mkdtempSync(path.join(root, 'data-'));

it('runs only the brokers that are configured', () => {
  expect(configuredBrokers(none)).toEqual([]);
  expect(configuredBrokers(kite)).toEqual(['kite']);
  expect(configuredBrokers(loadConfig({ KITE_API_KEY: 'key', DHAN_CLIENT_ID: '1' }))).toEqual(['kite', 'dhan']);
});

describe('a data folder', () => {
  it('keeps to the simulated market', () => {
    const dir = newFolder();
    expect(settleMarket(dir, none, {})).toBe('simulated');
    expect(settleMarket(dir, none, { market: 'synthetic' })).toBe('simulated');
    expect(() => settleMarket(dir, kite, {})).toThrow(/holds the simulated market.*--data DIR/);
  });

  it('keeps to the real market', () => {
    const dir = newFolder();
    expect(settleMarket(dir, kite, {})).toBe('real');
    expect(() => settleMarket(dir, none, {})).toThrow(/holds a real market.*KITE_API_KEY/);
  });
});

it('never runs the simulated exchange beside real credentials', () => {
  expect(() => settleMarket(newFolder(), kite, { speed: 'max' })).toThrow(/Credentials of kite are configured/);
});

it('passes on to the simulated exchange what was asked for, and nothing else', () => {
  expect(simulatorArguments(4000, { market: 'replay:/a b', seed: 7, speed: undefined })).toEqual([
    '--port',
    '4000',
    '--market',
    'replay:/a b',
    '--seed',
    '7',
  ]);
});

it('points every broker address at the simulated exchange', () => {
  const variables = simulatedVariables('/data', 4000);
  const { kite: k, dhan: d, tokenDir, simulated } = loadConfig(variables);
  expect(simulated).toBe(true);
  expect(tokenDir).toBe('/data/simulated-tokens');
  for (const url of [k.apiUrl, k.wsUrl, d.liveUrl, d.depth20Url, d.depth200Url, d.masterUrl]) {
    expect(new URL(url).host).toBe('127.0.0.1:4000');
  }
});

it('records the simulated market by the calendar only where it trades by it', () => {
  const hoursOf = (options: SimulatorOptions) => loadConfig(simulatedVariables('/data', 4000, options)).marketHours;
  expect(loadConfig({}).marketHours).toBe('calendar');
  expect(hoursOf({})).toBe('always');
  expect(hoursOf({ session: 'nse' })).toBe('calendar');
  expect(hoursOf({ session: 'nse', date: '2026-02-02' })).toBe('always');
  expect(hoursOf({ session: 'nse', speed: '10' })).toBe('always');
  expect(hoursOf({ session: 'nse', clock: 'manual' })).toBe('always');
  expect(hoursOf({ session: 'nse', market: 'replay:/x' })).toBe('always');
});

it('writes the demonstration tokens where only their owner can read them, in the formats of the brokers', async () => {
  const claims = { exp: Date.UTC(2099, 11, 31) / 1000 };
  const dhanToken = `header.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.signature`;
  const server = createServer((_request, response) => {
    response.end(
      JSON.stringify({
        credentials: {
          kite: { api_key: 'demo', access_token: 'kite-token' },
          dhan: { client_id: '1000000001', access_token: dhanToken },
        },
      }),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (typeof address !== 'object' || !address) throw new Error('no address');
  const dir = newFolder();
  await writeDemoTokens(dir, `http://127.0.0.1:${address.port}`);
  server.close();

  const tokens = path.join(dir, 'simulated-tokens');
  expect(readFileSync(path.join(tokens, 'access_token.txt'), 'utf8')).toBe('kite-token');
  const dhan = JSON.parse(readFileSync(path.join(tokens, 'dhan_token.json'), 'utf8'));
  expect(dhan).toEqual({
    client_id: '1000000001',
    access_token: dhanToken,
    expiry: '2099-12-31T05:30:00.000',
    // No Z and no offset: its readers compare it with a naive time.
    generated_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}$/),
  });
  expect(statSync(tokens).mode & 0o777).toBe(0o700);
  for (const name of ['access_token.txt', 'dhan_token.json']) {
    expect(statSync(path.join(tokens, name)).mode & 0o777).toBe(0o600);
  }
});
