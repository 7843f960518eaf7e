import { expect, it } from 'vitest';
import { simulatedVariables } from '../../scripts/instance/market.ts';
import { type TestExchange, testExchange } from '../../simulator/testing/exchange.ts';
import { DEMO_DHAN_TOKEN, dhanToken } from '../../simulator/tokens.ts';
import { type Config, loadConfig } from '../config/config.ts';
import { type ProbeTarget, probeFeed } from './feed-probe.ts';

const FUTURE = { segment: 'NSE_FNO', securityId: 52_714 } as const;
const LISTEN_MS = 1500;

const configOf = (exchange: TestExchange): Config =>
  loadConfig(simulatedVariables('/nowhere', Number(new URL(exchange.address).port)));

function targets(config: Config, token = DEMO_DHAN_TOKEN, kiteAccess = 'demo'): Record<string, ProbeTarget> {
  const dhan = {
    broker: 'dhan',
    config: config.dhan,
    token: { accessToken: token, clientId: '1000000001', expiresMs: Date.now() + 1e7 },
    instrument: FUTURE,
  } as const;
  return {
    kite: { broker: 'kite', config: config.kite, accessToken: kiteAccess, kiteToken: 13_494_786 },
    live: { ...dhan, kind: 'live' },
    depth20: { ...dhan, kind: 'depth20' },
    depth200: { ...dhan, kind: 'depth200' },
  };
}

it.each(['kite', 'live', 'depth20', 'depth200'])(
  'counts the frames of %s, and leaves nothing connected',
  async (name) => {
    const exchange = await testExchange({ clock: 'real', framesPerSecond: 20, ticksPerSecond: 20 });
    const result = await probeFeed(targets(configOf(exchange))[name] as ProbeTarget, LISTEN_MS);
    expect(result).toMatchObject({ outcome: 'ok', words: expect.stringMatching(/frames in 2 s, [\d.]+ a second/) });
    expect(result.frames).toBeGreaterThan(5);
    await expect
      .poll(
        async () => ((await (await exchange.get('/control/state')).json()) as { connections: unknown[] }).connections,
      )
      .toEqual([]);
  },
);

it('says that a feed stands and is silent', async () => {
  const exchange = await testExchange();
  await exchange.order('mute', { what: 'data' });
  const { depth20, kite } = targets(configOf(exchange));
  expect(await probeFeed(depth20 as ProbeTarget, 300)).toMatchObject({ outcome: 'silent', frames: 0 });
  expect(await probeFeed(kite as ProbeTarget, 300)).toMatchObject({ outcome: 'silent', frames: 0 });
});

it.each([
  [403, 'auth', /token is not accepted/],
  [429, 'limit', /too many/],
  [503, 'network', /HTTP 503/],
  ['reset', 'network', /closed|reached/],
] as const)('names what a handshake was refused with: %s', async (status, outcome, words) => {
  const exchange = await testExchange();
  await exchange.order('refuse', { feed: 'kite', status });
  const result = await probeFeed(targets(configOf(exchange)).kite as ProbeTarget, LISTEN_MS);
  expect(result).toMatchObject({ outcome, words: expect.stringMatching(words), frames: 0 });
});

it.each([
  [805, 'limit', /too many connections/],
  [806, 'auth', /no data API subscription/],
  [807, 'auth', /another login/],
  [808, 'auth', /another login/],
  [809, 'auth', /another login/],
] as const)('names the reason %s with which Dhan says farewell', async (reason, outcome, words) => {
  const exchange = await testExchange();
  const running = probeFeed(targets(configOf(exchange)).depth20 as ProbeTarget, 10_000);
  await expect.poll(async () => (await exchange.tryOrder('disconnect', { reason })).status).toBe(200);
  expect(await running).toMatchObject({ outcome, words: expect.stringMatching(words) });
});

it('meets the refusal of a token of type APP on 200 levels, and of an unknown one everywhere', async () => {
  const exchange = await testExchange();
  const app = dhanToken('1000000001', 'APP', 1, Math.floor(Date.now() / 1000) + 7200);
  await exchange.order('token', { broker: 'dhan', action: 'accept', access_token: app });
  const config = configOf(exchange);
  expect(await probeFeed(targets(config, app).depth200 as ProbeTarget, LISTEN_MS)).toMatchObject({
    outcome: 'network',
  });
  const unknown = await probeFeed(targets(config, 'unknown', 'secretCanary').live as ProbeTarget, LISTEN_MS);
  expect(unknown).toMatchObject({ outcome: 'auth' });
  const kite = await probeFeed(targets(config, 'unknown', 'secretCanary').kite as ProbeTarget, LISTEN_MS);
  expect(JSON.stringify([unknown, kite])).not.toMatch(/secretCanary/);
});

it('says that nobody is there', async () => {
  const config = loadConfig(simulatedVariables('/nowhere', 9));
  expect(await probeFeed(targets(config, 'secretCanary').live as ProbeTarget, LISTEN_MS)).toMatchObject({
    outcome: 'network',
    words: expect.not.stringContaining('secretCanary'),
  });
});
