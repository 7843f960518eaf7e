import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { startTestRedis, type TestServer } from '../../tests/support/servers.ts';
import { freePort } from '../instance/ports.ts';
import { checkDatabase, checkRedis } from './given-servers.ts';

describe('DATABASE_URL', () => {
  const changed = (change: (url: URL) => void): string => {
    const url = new URL(inject('postgresUrl'));
    change(url);
    return url.href;
  };

  it('tells the version of a server that can be used', async () => {
    expect((await checkDatabase(inject('postgresUrl'), 'DATABASE_URL')).version).toMatch(/^\d+\.\d+/);
  });

  it('names a wrong password', async () => {
    const url = changed((parts) => {
      parts.password = 'wrong';
    });
    await expect(checkDatabase(url, 'DATABASE_URL')).rejects.toThrow(
      /^DATABASE_URL: the server at 127\.0\.0\.1:\d+ refuses the password of user "gehra"/,
    );
  });

  it('names a database that is not there', async () => {
    const url = changed((parts) => {
      parts.pathname = '/no such';
    });
    await expect(checkDatabase(url, 'DATABASE_URL')).rejects.toThrow(/has no database "no such"\. Create it: createdb/);
  });

  it('names a user who may not come in', async () => {
    const url = changed((parts) => {
      parts.username = 'stranger';
    });
    await expect(checkDatabase(url, 'DATABASE_DIRECT_URL')).rejects.toThrow(
      /^DATABASE_DIRECT_URL: .*does not let user "stranger" in/,
    );
  });

  it('names an address where nothing answers', async () => {
    const port = await freePort();
    await expect(checkDatabase(`postgres://u:p@127.0.0.1:${port}/d`, 'DATABASE_URL')).rejects.toThrow(
      `DATABASE_URL: no PostgreSQL answers at 127.0.0.1:${port} (ECONNREFUSED)`,
    );
    await expect(checkDatabase('postgres://u:p@no-such-host.invalid/d', 'DATABASE_URL')).rejects.toThrow(
      /no PostgreSQL answers at no-such-host\.invalid:5432/,
    );
  });
});

describe('REDIS_URL', () => {
  let server: TestServer;
  let redis: Redis;
  beforeAll(async () => {
    server = await startTestRedis();
    redis = new Redis(server.url);
  });
  afterAll(async () => {
    redis.disconnect();
    await server.stop();
  });

  it('accepts one that keeps what it is given', async () => {
    expect(await checkRedis(server.url)).toEqual({ version: expect.stringMatching(/^\d/), appendOnly: true });
  });

  it('tells one without an append-only file', async () => {
    await redis.config('SET', 'appendonly', 'no');
    expect((await checkRedis(server.url)).appendOnly).toBe(false);
  });

  it('refuses one that evicts, and says how to set it right', async () => {
    await redis.config('SET', 'maxmemory-policy', 'allkeys-lru');
    await expect(checkRedis(server.url)).rejects.toThrow(
      /^REDIS_URL: .* has maxmemory-policy allkeys-lru, which deletes market data.* CONFIG SET maxmemory-policy noeviction$/,
    );
    await redis.config('SET', 'maxmemory-policy', 'noeviction');
  });

  it('names a wrong password', async () => {
    const url = new URL(server.url);
    url.password = 'wrong';
    await expect(checkRedis(url.href)).rejects.toThrow(/^REDIS_URL: .* refuses the password/);
    url.password = '';
    await expect(checkRedis(url.href)).rejects.toThrow(/^REDIS_URL: .* refuses the password/);
  });

  it('names an address where nothing answers', async () => {
    const port = await freePort();
    await expect(checkRedis(`redis://127.0.0.1:${port}`)).rejects.toThrow(
      `REDIS_URL: no Redis answers at redis://127.0.0.1:${port} (ECONNREFUSED)`,
    );
  });
});
