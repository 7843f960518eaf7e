import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { storeDhanToken, storeKiteToken } from '../../lib/auth/token-store.ts';
import { readDhanToken, readKiteToken } from '../../lib/auth/tokens.ts';
import { loadConfig } from '../../lib/config/config.ts';
import { testExchange } from '../../simulator/testing/exchange.ts';
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

const REDIRECTS = { kite: 'http://k', dhan: 'http://d' };

it('passes on to the simulated exchange what was asked for, and nothing else', () => {
  expect(simulatorArguments(4000, { market: 'replay:/a b', seed: 7, speed: undefined }, REDIRECTS)).toEqual([
    '--port',
    '4000',
    '--market',
    'replay:/a b',
    '--seed',
    '7',
    '--kite-redirect',
    'http://k',
    '--dhan-redirect',
    'http://d',
  ]);
});

it('points every broker address at the simulated exchange', () => {
  const variables = simulatedVariables('/data', 4000);
  const { kite: k, dhan: d, tokenDir, simulated } = loadConfig(variables);
  expect(simulated).toBe(true);
  expect(tokenDir).toBe('/data/simulated-tokens');
  for (const url of [
    k.apiUrl,
    k.wsUrl,
    d.liveUrl,
    d.depth20Url,
    d.depth200Url,
    d.masterUrl,
    d.authUrl,
    d.apiUrl,
    k.loginUrl,
  ]) {
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

describe('the demonstration tokens', () => {
  it('are written where only their owner can read them, in the formats of the brokers', async () => {
    const exchange = await testExchange();
    const dir = newFolder();
    await writeDemoTokens(dir, exchange.address);

    const tokens = path.join(dir, 'simulated-tokens');
    expect(readFileSync(path.join(tokens, 'access_token.txt'), 'utf8')).toBe('demo');
    const dhan = JSON.parse(readFileSync(path.join(tokens, 'dhan_token.json'), 'utf8'));
    expect(dhan).toEqual({
      client_id: '1000000001',
      access_token: expect.stringMatching(/^ey/),
      expiry: '2100-01-01T00:00:00.000',
      // No Z and no offset: its readers compare it with a naive time.
      generated_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}$/),
    });
    expect(statSync(tokens).mode & 0o777).toBe(0o700);
    for (const name of ['access_token.txt', 'dhan_token.json']) {
      expect(statSync(path.join(tokens, name)).mode & 0o777).toBe(0o600);
    }
  });

  it('stay away from those that somebody got by logging in, until these are dead', async () => {
    const exchange = await testExchange();
    const dir = newFolder();
    const tokenDir = path.join(dir, 'simulated-tokens');
    const config = { dataDir: dir, tokenDir, tokenGroupRead: false };
    await exchange.order('token', { broker: 'kite', action: 'accept', access_token: 'byLogin' });
    await exchange.order('token', { broker: 'dhan', action: 'accept', access_token: 'byLogin' });
    await storeKiteToken(config, { accessToken: 'byLogin', account: null, loginMs: Date.now() });
    const claims = { clientId: '1000000001', clientName: null, expiresMs: Date.now() + 1e7, generatedMs: Date.now() };
    await storeDhanToken(config, { accessToken: 'byLogin', ...claims });
    const kept = () => [readKiteToken(tokenDir), readDhanToken(tokenDir)];
    await writeDemoTokens(dir, exchange.address);
    expect(kept()).toMatchObject([{ token: { accessToken: 'byLogin' } }, { token: { accessToken: 'byLogin' } }]);
    await exchange.order('token', { broker: 'kite', action: 'expire', access_token: 'byLogin' });
    await exchange.order('token', { broker: 'dhan', action: 'expire', access_token: 'byLogin' });
    await writeDemoTokens(dir, exchange.address);
    expect(kept()).toMatchObject([
      { token: { accessToken: 'demo' } },
      { token: { accessToken: expect.stringMatching(/^ey/) } },
    ]);
  });
});
