import { expect, it } from 'vitest';
import { ConfigError, loadConfig } from './config.ts';

it('refuses a secret that is none', () => {
  for (const secret of ['a'.repeat(32), 'abcdefg'.repeat(10)]) {
    expect(() => loadConfig({ AUTH_SECRET: secret })).toThrow(ConfigError);
    expect(() => loadConfig({ AUTH_SECRET: secret })).toThrow('AUTH_SECRET has fewer than 8 different characters');
  }
  const secret = '0123456789abcdef'.repeat(4);
  expect(loadConfig({ AUTH_SECRET: secret }).authSecret).toBe(secret);
});

it('refuses to trust every address as a proxy', () => {
  for (const network of ['0.0.0.0/0', '::/0', '10.0.0.1, 0.0.0.0/00']) {
    expect(() => loadConfig({ TRUSTED_PROXIES: network })).toThrow('TRUSTED_PROXIES has a network of all addresses');
  }
  expect(loadConfig({ TRUSTED_PROXIES: '10.0.0.0/8, ::1, fd00::/10' }).trustedProxies).toEqual([
    '10.0.0.0/8',
    '::1',
    'fd00::/10',
  ]);
});
