import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pino from 'pino';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { storeDhanToken, storeKiteToken } from '../../lib/auth/token-store.ts';
import { readDhanToken, readKiteToken } from '../../lib/auth/tokens.ts';
import { type Config, loadConfig } from '../../lib/config/config.ts';
import { simulatedVariables } from '../../scripts/instance/market.ts';
import { type TestExchange, testExchange } from '../../simulator/testing/exchange.ts';
import { dhanToken } from '../../simulator/tokens.ts';
import { TokenKeeper, takePastedTokens } from './token-keeper.ts';

const log = pino({ level: 'silent' });
const HOUR_MS = 3_600_000;

let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(path.join(tmpdir(), 'gehra-keeper-'));
});
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

function configOf(exchange: TestExchange, more: Record<string, string> = {}): Config {
  const port = Number(new URL(exchange.address).port);
  return loadConfig({ ...simulatedVariables(dataDir, port), GEHRA_DATA_DIR: dataDir, ...more });
}

function keeperOf(config: Config, clock: { nowMs: number }, kiteCopy: string | null = null) {
  const notes: string[] = [];
  const firsts: string[] = [];
  const keeper = new TokenKeeper({
    config,
    log,
    nowMs: () => clock.nowMs,
    kiteCopy: async () => kiteCopy,
    onFirstToken: async (broker) => void firsts.push(broker),
    note: async (action, detail) => void notes.push(`${action}: ${detail}`),
  });
  return { keeper, notes, firsts };
}

const tokenOf = (config: Config): string => {
  const answer = readDhanToken(config.tokenDir);
  return 'token' in answer ? answer.token.accessToken : '';
};

async function calls(exchange: TestExchange): Promise<number> {
  const state = (await (await exchange.get('/control/state')).json()) as { login_calls: Record<string, number> };
  return state.login_calls.dhan_renew ?? 0;
}

/** A Dhan token on the disk that the exchange accepts, which ends in an hour and a half. */
async function endingToken(exchange: TestExchange, config: Config, nowMs: number): Promise<string> {
  const expiresMs = Math.floor(nowMs / 1000) * 1000 + 1.5 * HOUR_MS;
  const accessToken = dhanToken('1000000001', 'SELF', expiresMs / 1000 - 86_400, expiresMs / 1000);
  await exchange.order('token', { broker: 'dhan', action: 'accept', access_token: accessToken });
  const generatedMs = expiresMs - 24 * HOUR_MS;
  await storeDhanToken(config, { accessToken, clientId: '1000000001', clientName: 'A', expiresMs, generatedMs });
  return accessToken;
}

it('renews Dhan’s token before it ends, tries again with patience, and keeps the old one meanwhile', async () => {
  const exchange = await testExchange();
  const config = configOf(exchange);
  const clock = { nowMs: exchange.market.nowUs / 1000 };
  const { keeper, notes } = keeperOf(config, clock);
  const before = await endingToken(exchange, config, clock.nowMs);
  await exchange.order('fail', { call: 'dhan_renew', as: 'server_error', times: 2 });
  for (const [waitMs, made] of [
    [0, 1],
    [29_000, 1],
    [1000, 2],
    [59_000, 2],
  ] as const) {
    clock.nowMs += waitMs;
    await keeper.look();
    expect([await calls(exchange), tokenOf(config)]).toEqual([made, before]);
  }
  clock.nowMs += 1000;
  await keeper.look();
  expect(await calls(exchange)).toBe(3);
  expect(tokenOf(config)).not.toBe(before);
  expect(notes).toEqual([expect.stringMatching(/^dhan_renewed: Dhan token renewed until/)]);
  await keeper.look();
  expect(await calls(exchange)).toBe(3);
});

it('renews Dhan’s token once where two workers look at it', async () => {
  const exchange = await testExchange();
  const config = configOf(exchange);
  const clock = { nowMs: exchange.market.nowUs / 1000 };
  const both = [keeperOf(config, clock), keeperOf(config, clock)];
  await endingToken(exchange, config, clock.nowMs);
  await Promise.all(both.map(({ keeper }) => keeper.look()));
  expect(await calls(exchange)).toBe(1);
  expect(both.flatMap(({ notes }) => notes)).toHaveLength(1);
});

it('gives a revoked token up at once, with the reason, until another comes', async () => {
  const exchange = await testExchange();
  const config = configOf(exchange);
  const clock = { nowMs: exchange.market.nowUs / 1000 };
  const { keeper, notes } = keeperOf(config, clock);
  await endingToken(exchange, config, clock.nowMs);
  await exchange.order('elsewhere', { broker: 'dhan' });
  await keeper.look();
  clock.nowMs += HOUR_MS;
  await keeper.look();
  expect(await calls(exchange)).toBe(1);
  expect(notes).toEqual([expect.stringMatching(/^dhan_renewal_failed: .*another login.*log in to Dhan$/)]);
});

it('says where Dhan accepts a token and does not renew it', async () => {
  const exchange = await testExchange();
  const config = configOf(exchange);
  const clock = { nowMs: exchange.market.nowUs / 1000 };
  const { keeper, notes } = keeperOf(config, clock);
  await endingToken(exchange, config, clock.nowMs);
  await exchange.order('fail', { call: 'dhan_renew', as: 'token', times: 1 });
  await keeper.look();
  expect(notes).toEqual([expect.stringMatching(/does not renew this token \(type SELF\): log in to Dhan before/)]);
});

it('tells of a first token, and takes Kite’s from Redis where there is no file', async () => {
  const exchange = await testExchange();
  const config = configOf(exchange);
  const clock = { nowMs: Date.now() };
  const { keeper, firsts } = keeperOf(config, clock, 'fromAScript');
  await keeper.look();
  expect(readKiteToken(config.tokenDir)).toMatchObject({ token: { accessToken: 'fromAScript' } });
  expect(firsts).toEqual(['kite']);
  await storeKiteToken(config, { accessToken: 'byLogin', account: null, loginMs: clock.nowMs + 5000 });
  await keeper.look();
  expect(readKiteToken(config.tokenDir)).toMatchObject({ token: { accessToken: 'byLogin' } });
  expect(firsts).toEqual(['kite']);
});

it('takes pasted tokens in once, and never over a live one', async () => {
  const exchange = await testExchange();
  const nowMs = Date.now();
  const soon = Math.floor(nowMs / 1000) + 7200;
  const dhan = dhanToken('1000000001', 'SELF', soon - 86_400, soon);
  const config = configOf(exchange, { KITE_ACCESS_TOKEN: 'pastedKite', DHAN_ACCESS_TOKEN: dhan });
  await takePastedTokens(config, nowMs, log);
  expect(readKiteToken(config.tokenDir)).toMatchObject({ token: { accessToken: 'pastedKite' } });
  expect(tokenOf(config)).toBe(dhan);
  // Two days later they have ended: what was pasted then is no newer.
  const later = nowMs + 48 * HOUR_MS;
  await storeKiteToken(config, { accessToken: 'byLogin', account: null, loginMs: nowMs + 1000 });
  await takePastedTokens(config, later, log);
  expect(readKiteToken(config.tokenDir)).toMatchObject({ token: { accessToken: 'byLogin' } });
  const other = configOf(exchange, { KITE_ACCESS_TOKEN: 'another' });
  await takePastedTokens(other, nowMs + 2000, log);
  expect(readKiteToken(config.tokenDir)).toMatchObject({ token: { accessToken: 'byLogin' } });
  await takePastedTokens(other, later, log);
  expect(readKiteToken(config.tokenDir)).toMatchObject({ token: { accessToken: 'another' } });
  expect(readFileSync(path.join(config.tokenDir, 'pasted_tokens'), 'utf8')).not.toMatch(/pasted|another/);
});
