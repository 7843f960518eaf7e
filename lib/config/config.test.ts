import { describe, expect, it } from 'vitest';
import { ConfigError, type Environment, loadConfig } from './config.ts';

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

describe('the database in parts', () => {
  const addresses = (environment: Environment): string[] => {
    const { databaseUrl, databaseDirectUrl } = loadConfig(environment);
    return [databaseUrl, databaseDirectUrl];
  };

  it("leads to docker-compose.yml's servers, inside and from the host", () => {
    expect(addresses({ DB_PASSWORD: 'p/w:' })).toEqual([
      'postgres://gehra:p%2Fw%3A@localhost:6432/gehra',
      'postgres://gehra:p%2Fw%3A@localhost:5432/gehra',
    ]);
    const inside = ['postgres://gehra:p@pgbouncer:5432/gehra', 'postgres://gehra:p@timescaledb:5432/gehra'];
    expect(addresses({ DB_PASSWORD: 'p', GEHRA_IN_CONTAINER: '1' })).toEqual(inside);
    // One .env is for both sides: the port is the host's.
    expect(addresses({ DB_PASSWORD: 'p', DB_PORT: '6432', GEHRA_IN_CONTAINER: '1' })).toEqual(inside);
  });

  it('leads to the host that is given', () => {
    const given = {
      DB_HOST: 'db.example',
      DB_NAME: 'market',
      DB_USER: 'me',
      DB_PASSWORD: 'p',
      GEHRA_IN_CONTAINER: '1',
    };
    expect(addresses(given)).toEqual(Array(2).fill('postgres://me:p@db.example:5432/market'));
    expect(addresses({ ...given, DB_HOST: '::1', DB_PORT: '7' })[0]).toBe('postgres://me:p@[::1]:7/market');
  });

  it('is named by what was set', () => {
    const named = (environment: Environment): string[] => Object.values(loadConfig(environment).databaseGivenBy);
    expect(named({ DB_PASSWORD: 'p' })).toEqual(['DB_PASSWORD', 'DB_PASSWORD']);
    expect(named({ DB_PASSWORD: 'p', DATABASE_DIRECT_URL: 'postgres://u@h/d' })).toEqual([
      'DB_PASSWORD',
      'DATABASE_DIRECT_URL',
    ]);
    expect(named({ DATABASE_URL: 'postgres://u@h/d', DB_PASSWORD: 'p' })).toEqual(['DATABASE_URL', 'DATABASE_URL']);
  });

  it('is not looked at beside DATABASE_URL, and is nowhere without a password', () => {
    const url = 'postgres://u@h/d';
    expect(addresses({ DATABASE_URL: url, DB_PASSWORD: 'p' })).toEqual([url, url]);
    expect(addresses({ DB_HOST: 'db.example' })).toEqual(['', '']);
  });
});
