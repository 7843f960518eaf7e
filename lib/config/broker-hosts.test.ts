import { expect, it } from 'vitest';
import { ConfigError, loadConfig } from './config.ts';

it.each([
  ['KITE_WS_URL', 'wss://ws.kite.trade.evil.example'],
  ['KITE_WS_URL', 'ws://ws.kite.trade'],
  ['KITE_API_URL', 'https://evil.example'],
  ['KITE_API_URL', 'http://api.kite.trade'],
  ['KITE_API_URL', 'http://127.0.0.1:4000'],
  ['KITE_LOGIN_URL', 'https://evil.example/connect/login'],
  ['DHAN_AUTH_URL', 'https://api.kite.trade'],
  ['DHAN_API_URL', 'https://user@evil.example/v2'],
  ['DHAN_LIVE_URL', 'ws://127.0.0.1:4000/dhan/live'],
  ['DHAN_MASTER_URL', 'http://169.254.169.254/'],
])('lets no real token go by %s=%s', (name, value) => {
  expect(() => loadConfig({ [name]: value })).toThrow(ConfigError);
  expect(() => loadConfig({ [name]: value })).toThrow(`${name} leads to`);
});

it('S23: lets no token of the simulated exchange leave this machine', () => {
  const simulated = { GEHRA_SIMULATED: '1' };
  expect(() => loadConfig({ ...simulated, KITE_API_URL: 'https://api.kite.trade' })).toThrow(/only this machine may/);
  expect(() => loadConfig({ ...simulated, DHAN_LIVE_URL: 'wss://api-feed.dhan.co' })).toThrow(/only this machine may/);
  const { kite, dhan } = loadConfig(simulated);
  for (const url of [
    kite.apiUrl,
    kite.wsUrl,
    kite.loginUrl,
    dhan.authUrl,
    dhan.apiUrl,
    dhan.liveUrl,
    dhan.depth200Url,
  ]) {
    expect(new URL(url).hostname).toBe('127.0.0.1');
  }
});

it('takes the addresses of both editions of Dhan’s documents', () => {
  const url = 'wss://full-depth-api.dhan.co/twohundreddepth';
  expect(loadConfig({ DHAN_DEPTH200_URL: url }).dhan.depth200Url).toBe(url);
});

it('refuses a pasted token that no broker makes', () => {
  expect(() => loadConfig({ KITE_ACCESS_TOKEN: 'two\nlines' })).toThrow(/KITE_ACCESS_TOKEN is no token/);
  expect(() => loadConfig({ KITE_ACCESS_TOKEN: 'secret canary' })).not.toThrow(/canary/);
});

it('takes redirect URLs from the app’s own address', () => {
  const { kite, dhan, appUrl } = loadConfig({ APP_URL: 'https://gehra.example/' });
  expect([appUrl, kite.redirectUrl, dhan.redirectUrl]).toEqual([
    'https://gehra.example',
    'https://gehra.example/api/kite/callback',
    'https://gehra.example/api/dhan/callback',
  ]);
});
