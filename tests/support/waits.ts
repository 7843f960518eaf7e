/** What tests of a whole instance wait for. */
import { expect, vi } from 'vitest';
import type { Instance } from './instance.ts';

/** Waits until every feed of the plan has stored a frame received after now. */
export async function untilRecording(instance: Instance): Promise<void> {
  const since = new Date();
  await vi.waitFor(
    async () => {
      const late = await instance.sql<{ name: string }>(
        `SELECT feed.name FROM (SELECT DISTINCT feed_id FROM gehra.subscriptions) AS planned JOIN gehra.feeds AS feed USING (feed_id)
         WHERE NOT EXISTS (SELECT FROM gehra.depth_snapshots AS d WHERE d.feed_id = feed.feed_id AND d.book_time > $1 AND d.time > $1)
           AND NOT EXISTS (SELECT FROM gehra.ticks AS t WHERE t.feed_id = feed.feed_id AND t.time > $1)`,
        [since],
      );
      expect(late).toEqual([]);
    },
    { timeout: 60_000, interval: 100 },
  );
}

/** Stops the exchange and waits until everything that it sent is stored. */
export async function untilStoredAfterPause(instance: Instance): Promise<void> {
  await instance.control('pause');
  const pausedUs = Date.now() * 1000;
  // Marks move a position past what came before them.
  await vi.waitFor(
    async () => {
      const rows = await instance.sql<{ position: string }>(
        'SELECT position FROM gehra.feed_positions WHERE feed_id IN (SELECT feed_id FROM gehra.subscriptions)',
      );
      for (const { position } of rows) expect(Number(position)).toBeGreaterThan(pausedUs);
    },
    { timeout: 60_000, interval: 100 },
  );
}
