/**
 * The predecessor's first complaint: the tokens ended in the night, nobody saw it, and after the login everything had to be
 * started again. Here the collectors try once and wait, the rehearsal says what is wrong and where to log in, and ticks flow
 * within seconds of the login.
 */
import { readFileSync, utimesSync } from 'node:fs';
import path from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import type { Rehearsal } from '../../db/rehearsals.ts';
import type { Connections } from '../../lib/core/connections.ts';
import type { Check } from '../../lib/core/finding.ts';
import { logIn } from '../support/broker-login.ts';
import { Instance } from '../support/instance.ts';
import { untilRecording } from '../support/waits.ts';

/** From the login's end to the first tick in the database, ms. */
const TICKS_WITHIN_MS = 5000;

let instance: Instance | undefined;
afterEach(async () => {
  await instance?.stop();
  instance = undefined;
});

const connectionsOf = async ({ appUrl }: Instance): Promise<Connections> =>
  (await (await fetch(`${appUrl}/api/connections`)).json()) as Connections;

/** Handshakes that the exchange refused, by its log. */
function refusals({ dataDir }: Instance, feed: string): number {
  const lines = readFileSync(path.join(dataDir, 'logs/simulator.log'), 'utf8').split('\n');
  return lines.filter((line) => line.includes('"handshake_refused"') && line.includes(`"${feed}"`)).length;
}

/** What a rehearsal now finds wrong, by the name of the check. */
async function rehearse({ appUrl }: Instance): Promise<Map<string, Check>> {
  const asked = await fetch(`${appUrl}/api/rehearsal`, { method: 'POST', headers: { origin: appUrl } });
  expect(asked.status).toBe(202);
  return vi.waitFor(
    async () => {
      const { rehearsals } = (await (await fetch(`${appUrl}/api/rehearsal`)).json()) as { rehearsals: Rehearsal[] };
      const newest = rehearsals.find(({ askedBy }) => askedBy === 'Demo');
      if (!newest) throw new Error('no rehearsal yet');
      return new Map(newest.checks.filter(({ result }) => result === 'fail').map((check) => [check.name, check]));
    },
    { timeout: 60_000, interval: 200 },
  );
}

/** When the first row came that was received after `sinceMs`, ms; null where none has. */
async function firstRowAfter(
  running: Instance,
  table: 'ticks' | 'depth_snapshots',
  sinceMs: number,
): Promise<number | null> {
  const [row] = await running.sql<{ ms: number | null }>(
    `SELECT (extract(epoch FROM min(time)) * 1000)::float8 AS ms FROM gehra.${table} WHERE time > to_timestamp($1::float8 / 1000)`,
    [sinceMs],
  );
  return row?.ms ?? null;
}

it('tokens end in the night, and after a late login ticks flow without a restart', { timeout: 240_000 }, async () => {
  const running = await Instance.start();
  instance = running;
  await untilRecording(running);
  const lives = () => running.parts().map((name) => [name, running.pid(name), running.restarts(name)]);
  const before = lives();

  const endedMs = Date.now();
  // Kite's login was two days ago: 06:00 has passed since.
  const twoDaysAgo = (endedMs - 2 * 86_400_000) / 1000;
  utimesSync(path.join(running.dataDir, 'simulated-tokens/access_token.txt'), twoDaysAgo, twoDaysAgo);
  for (const broker of ['kite', 'dhan']) await running.control('revoke', { broker });
  await vi.waitFor(
    async () => {
      const { brokers } = await connectionsOf(running);
      for (const { broker, state, feeds } of brokers) {
        // Kite's token by its time, Dhan's by the broker's word.
        expect(state, broker).toBe(broker === 'kite' ? 'expired' : 'refused');
        for (const feed of feeds) expect([feed.name, feed.state]).toEqual([feed.name, 'needs_login']);
      }
    },
    { timeout: 15_000, interval: 200 },
  );
  // Several looks at the token's file later it has still been tried once.
  await vi.waitFor(
    async () => {
      const { nowMs, brokers } = await connectionsOf(running);
      for (const feed of brokers.flatMap(({ feeds }) => feeds)) expect(nowMs - feed.sinceMs).toBeGreaterThan(4000);
    },
    { timeout: 15_000, interval: 200 },
  );
  expect(refusals(running, 'kite')).toBe(1);

  const wrong = await rehearse(running);
  expect(wrong.get('token_kite')).toMatchObject({
    words: expect.stringMatching(/^The Kite token ended at .* IST: log in again\.$/),
    link: '/connections',
  });
  for (const name of ['feed_kite_ticks', 'feed_dhan_depth20', 'feed_dhan_depth200']) {
    expect(wrong.get(name), name).toMatchObject({
      words: expect.stringContaining('Log in to the broker again'),
      link: '/connections',
    });
  }
  for (const [broker, table] of [
    ['kite', 'ticks'],
    ['dhan', 'depth_snapshots'],
  ] as const) {
    const loginMs = await logIn(running.appUrl, broker);
    const first = await vi.waitFor(
      async () => {
        const ms = await firstRowAfter(running, table, loginMs);
        expect(ms).not.toBeNull();
        return ms as number;
      },
      { timeout: 20_000, interval: 50 },
    );
    expect(first - loginMs, `${broker}: from login to data, ms`).toBeLessThan(TICKS_WITHIN_MS);
  }
  await untilRecording(running);

  expect(lives()).toEqual(before);
  // The collector's one, and the rehearsal's test connection.
  expect(refusals(running, 'kite')).toBe(2);
  const gaps = await running.sql<{ feed: string; cause: string; covers: boolean }>(
    `SELECT feed.name AS feed, cause, from_time <= to_timestamp($1::float8 / 1000) + interval '2 seconds' AND to_time > to_timestamp($1::float8 / 1000) AS covers
     FROM gehra.feed_gaps JOIN gehra.feeds AS feed USING (feed_id) WHERE to_time IS NOT NULL`,
    [endedMs],
  );
  const covered = gaps.filter(({ covers }) => covers).map(({ feed }) => feed);
  const planned = await running.sql<{ name: string }>(
    'SELECT DISTINCT feed.name FROM gehra.subscriptions JOIN gehra.feeds AS feed USING (feed_id)',
  );
  expect([...new Set(covered)].toSorted()).toEqual(planned.map(({ name }) => name).toSorted());
  expect(planned.length).toBeGreaterThan(2);
});
