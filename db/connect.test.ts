import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import type pg from 'pg';
import { describe, expect, it } from 'vitest';
import { connect, endInTime, inTransaction, isDatabaseAway } from './connect.ts';

/** A pool of one connection that fails at the given statements, and notes what is done with it. */
function poolFailingAt(...failing: readonly string[]): { pool: pg.Pool; done: unknown[] } {
  const done: unknown[] = [];
  const client = {
    query: (text: string) => {
      done.push(text);
      return failing.includes(text) ? Promise.reject(new Error(`${text} failed`)) : Promise.resolve();
    },
    release: (destroy: boolean) => done.push(destroy ? 'given up' : 'given back'),
  };
  return { pool: { connect: () => Promise.resolve(client) } as unknown as pg.Pool, done };
}

describe('a transaction', () => {
  it('counts whole, and gives its connection back', async () => {
    const { pool, done } = poolFailingAt();
    expect(await inTransaction(pool, () => Promise.resolve(7))).toBe(7);
    expect(done).toEqual(['BEGIN', 'COMMIT', 'given back']);
  });

  it('is rolled back where its work fails, and says why', async () => {
    const { pool, done } = poolFailingAt();
    await expect(inTransaction(pool, () => Promise.reject(new Error('no such row')))).rejects.toThrow('no such row');
    expect(done).toEqual(['BEGIN', 'ROLLBACK', 'given back']);
  });

  it('that cannot be rolled back takes its connection with it', async () => {
    const { pool, done } = poolFailingAt('ROLLBACK');
    await expect(inTransaction(pool, () => Promise.reject(new Error('no such row')))).rejects.toThrow('no such row');
    expect(done).toEqual(['BEGIN', 'ROLLBACK', 'given up']);
  });
});

describe('a database that cannot be asked', () => {
  it.each([
    Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:5432'), { code: 'ECONNREFUSED' }),
    Object.assign(new Error('the database system is starting up'), { code: '57P03' }),
    Object.assign(new Error('sorry, too many clients already'), { code: '53300' }),
    new Error('timeout exceeded when trying to connect'),
    new Error('Connection terminated unexpectedly'),
  ])('is told from a query that is wrong: %s', (error) => {
    expect(isDatabaseAway(error)).toBe(true);
  });

  it.each([
    Object.assign(new Error('syntax error at or near "SELEC"'), { code: '42601' }),
    Object.assign(new Error('duplicate key'), { code: '23505' }),
    new TypeError('x is not a function'),
    'timeout exceeded when trying to connect',
  ])('is not: %s', (error) => {
    expect(isDatabaseAway(error)).toBe(false);
  });
});

describe('a server that goes away without a word', () => {
  it('keeps no query and no ending waiting', async () => {
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      // Lets in (AuthenticationOk, ReadyForQuery), and is never heard of again.
      socket.once('data', () => socket.write(Buffer.from('R\0\0\0\b\0\0\0\0Z\0\0\0\u0005I', 'latin1')));
      socket.on('error', () => undefined);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `postgres://gehra@127.0.0.1:${(server.address() as AddressInfo).port}/gehra`;
    try {
      const asking = await connect(url, 'test', undefined, 20);
      await expect(asking.query('SELECT 1')).rejects.toThrow('Query read timeout');
      await endInTime(asking, 20);
      const idle = await connect(url, 'test');
      await endInTime(idle, 20);
    } finally {
      server.close();
    }
  });
});
