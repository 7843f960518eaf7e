/** Recording by the calendar, on a whole instance: what is entered for today shuts and opens the collectors within seconds. */
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import type { EnteredDay } from '../../lib/calendar/calendar.ts';
import { formatIstDate } from '../../lib/core/ist.ts';
import { writeEntered } from '../../lib/net/calendar-file.ts';
import { Instance } from '../support/instance.ts';
import { untilRecording } from '../support/waits.ts';

let instance: Instance;
beforeAll(async () => {
  // The exchange trades around the clock: only the calendar keeps its frames out.
  instance = await Instance.start([], { MARKET_HOURS: 'calendar' });
}, 300_000);
afterAll(() => instance?.stop());

/** Today, and tomorrow for a run over midnight, are what the calendar is told. */
function enter(kind: EnteredDay['kind']): void {
  const nowUs = Date.now() * 1000;
  const dates = [formatIstDate(nowUs), formatIstDate(nowUs + 86_400_000_000)];
  writeEntered(instance.dataDir, { days: dates.map((date) => ({ date, kind, name: 'a test' })) });
}

const connections = async (): Promise<number> =>
  (await instance.exchange<{ connections: unknown[] }>('/control/state')).connections.length;

const untilShut = () => vi.waitFor(async () => expect(await connections()).toBe(0), { timeout: 60_000, interval: 100 });

it('connects for a session whose hours are unknown, lets go on a holiday, and calls the time between closed', async () => {
  enter('holiday');
  await untilShut();
  enter('muhurat');
  await untilRecording(instance);

  enter('holiday');
  await untilShut();
  const open = () =>
    instance.sql<{ cause: string; planned: number }>(
      `SELECT cause, (SELECT count(DISTINCT feed_id) FROM gehra.subscriptions)::integer AS planned
       FROM gehra.feed_gaps WHERE to_time IS NULL`,
    );
  await vi.waitFor(
    async () => {
      const gaps = await open();
      expect(gaps.map(({ cause }) => cause)).toEqual(Array(gaps[0]?.planned ?? 1).fill('market_closed'));
    },
    { timeout: 30_000, interval: 100 },
  );

  enter('muhurat');
  await untilRecording(instance);
  await vi.waitFor(async () => expect(await open()).toEqual([]), { timeout: 30_000, interval: 100 });
  const causes = await instance.sql<{ cause: string }>(
    `SELECT DISTINCT cause FROM gehra.feed_gaps WHERE from_time > now() - interval '1 hour'`,
  );
  expect(causes).toEqual([{ cause: 'market_closed' }]);
}, 240_000);
