/** What the slots of the feeds are used for, and how the dumps were joined. */
import { z } from 'zod';
import { slotsInUse } from '../../db/instruments.ts';
import { lastLoad, listUnjoined } from '../../db/masters.ts';
import { listLearntLimits } from '../../db/watchlists.ts';
import { FEED_LIMITS, FEEDS, type FeedKind } from '../core/feeds.ts';
import type { FeedView, KindView, MastersView, SlotInstrument } from '../core/watching.ts';
import { readSeen } from '../queue/seen.ts';
import { type FeedStatus, readStatuses } from '../queue/status.ts';
import type { Caller } from './access.ts';
import { services } from './context.ts';

const LISTED_MAX = 500;
const Search = z
  .string()
  .max(100)
  .regex(/^[^\0]*$/, 'no NUL character')
  .default('');

export const SlotsQuery = z.strictObject({
  /** A feed's name; all feeds without one. */
  feed: z.enum(FEEDS.map(({ name }) => name)).optional(),
  /** Only those that have given nothing since they were asked for. */
  silent: z.enum(['0', '1']).default('0'),
  limit: z.coerce.number().int().min(1).max(LISTED_MAX).default(100),
});
export const MastersQuery = z.strictObject({
  search: Search,
  limit: z.coerce.number().int().min(1).max(LISTED_MAX).default(100),
});

/** The budget of each kind of feed, and what each slot does. */
export async function slotBudget(_caller: Caller): Promise<KindView[]> {
  const { db } = services();
  const [slots, learnt, states] = await Promise.all([slotsInUse(db), listLearntLimits(db), feedStates()]);
  return (Object.keys(FEED_LIMITS) as FeedKind[]).map((kind): KindView => {
    const { slots: count, instruments } = FEED_LIMITS[kind];
    const less = learnt.find((limit) => limit.kind === kind);
    const feeds = FEEDS.filter((feed) => feed.kind === kind).flatMap(({ id, name }): FeedView[] => {
      const used = slots.get(id);
      if (!used) return [];
      const status = states.get(name);
      return [
        {
          name,
          state: status?.state ?? 'down',
          detail: status ? (status.publishFailure ?? status.detail) : 'its collector does not answer',
          instruments: used.count,
          silent: status?.silent ?? used.count,
          only: used.count === 1 ? used.first : null,
        },
      ];
    });
    return {
      kind,
      documented: { slots: count, instruments },
      allowed: {
        slots: Math.min(count, less?.slots ?? count),
        instruments: Math.min(instruments, less?.instruments ?? instruments),
      },
      because: less?.because ?? null,
      used: feeds.reduce((sum, feed) => sum + feed.instruments, 0),
      feeds,
    };
  });
}

/** Instruments of a feed, or of all, with when they were heard of: those that are silent first, then the oldest. */
export async function slotInstruments(
  _caller: Caller,
  { feed, silent, limit }: z.output<typeof SlotsQuery>,
): Promise<{ total: number; instruments: SlotInstrument[] }> {
  const { db, redis } = services();
  const [slots, seen] = await Promise.all([
    slotsInUse(db, true),
    // Redis away: nothing is known of any of them, which is what is said.
    readSeen(redis).catch(() => new Map<string, never>()),
  ]);
  const found = FEEDS.filter(({ name }) => feed === undefined || name === feed).flatMap(({ id, name }) => {
    const times = new Map((seen.get(name) ?? []).map((one) => [one.instrumentId, one]));
    return (slots.get(id)?.instruments ?? []).map(([instrumentId, slug]): SlotInstrument => {
      const time = times.get(instrumentId);
      return { slug, feed: name, firstS: time?.firstS ?? null, ageMs: time?.ageMs ?? null };
    });
  });
  const asked = silent === '1' ? found.filter(({ firstS }) => firstS === null) : found;
  const age = ({ ageMs }: SlotInstrument): number => ageMs ?? Number.POSITIVE_INFINITY;
  asked.sort((a, b) => (age(a) === age(b) ? 0 : age(b) - age(a)));
  return { total: asked.length, instruments: asked.slice(0, limit) };
}

async function feedStates(): Promise<Map<string, FeedStatus>> {
  const { redis, log } = services();
  try {
    const statuses = await readStatuses(redis, ['collector-kite', 'collector-dhan']);
    return new Map(
      [...statuses.values()].flatMap((one) => (one.kind === 'collector' ? Object.entries(one.feeds) : [])),
    );
  } catch (error) {
    log.debug({ event: 'statuses_unread', err: error });
    return new Map();
  }
}

/** The newest load of the brokers' dumps, and what could not be joined. */
export async function mastersReport(_caller: Caller, query: z.output<typeof MastersQuery>): Promise<MastersView> {
  const { db } = services();
  const [load, unjoined] = await Promise.all([lastLoad(db), listUnjoined(db, query)]);
  return {
    loadedS: load ? Math.floor(load.timeUs / 1_000_000) : null,
    files: Object.entries(load?.files ?? {}).flatMap(([broker, file]) => {
      if (!file) return [];
      const { day, rows, leftOut = 0, failure } = file;
      return [{ broker, day, rows, leftOut, failure }];
    }),
    exchanges: Object.entries(load?.exchanges ?? {}).map(([exchange, counts]) => ({ exchange, ...counts })),
    unjoined,
  };
}
