/**
 * A feed is a logical slot (broker, kind, number): one WebSocket's worth of market data. It outlives connections and
 * processes, owns one journal, one stream and one position, and its id is part of every row's key.
 */
export type Broker = 'kite' | 'dhan';
export type FeedKind = 'ticks' | 'live' | 'depth20' | 'depth200';

export interface Feed {
  readonly id: number;
  readonly broker: Broker;
  readonly kind: FeedKind;
  /** 1-based number of the slot within its kind. */
  readonly number: number;
  /** `kite-ticks-1`, `dhan-depth200-3`: the name in journals, streams, logs and screens. */
  readonly name: string;
}

/** Slots, and instruments a slot holds, as the brokers allow them (kite.md 1.1, dhan.md 1). */
export const FEED_LIMITS = {
  ticks: { broker: 'kite', slots: 3, instruments: 3000, firstId: 1 },
  live: { broker: 'dhan', slots: 5, instruments: 5000, firstId: 11 },
  depth20: { broker: 'dhan', slots: 5, instruments: 50, firstId: 21 },
  depth200: { broker: 'dhan', slots: 5, instruments: 1, firstId: 31 },
} as const satisfies Record<FeedKind, { broker: Broker; slots: number; instruments: number; firstId: number }>;

/** Slots, and instruments a slot holds: what the documents say, or less where a broker was seen to allow less. */
export type FeedLimits = Readonly<Record<FeedKind, { readonly slots: number; readonly instruments: number }>>;

/** Every slot there can be. Ids are written into rows: they are never renumbered. */
export const FEEDS: readonly Feed[] = (Object.keys(FEED_LIMITS) as FeedKind[]).flatMap((kind) => {
  const { broker, slots, firstId } = FEED_LIMITS[kind];
  return Array.from({ length: slots }, (_, i) => ({
    id: firstId + i,
    broker,
    kind,
    number: i + 1,
    name: `${broker}-${kind}-${i + 1}`,
  }));
});

const byId = new Map(FEEDS.map((feed) => [feed.id, feed]));

/** @throws RangeError where no slot has that id. */
export function feedById(id: number): Feed {
  const feed = byId.get(id);
  if (!feed) throw new RangeError(`no feed has the id ${id}`);
  return feed;
}

/** Levels a side that a kind of feed can carry. */
export const LEVELS_OF_KIND: Record<FeedKind, number> = { ticks: 5, live: 5, depth20: 20, depth200: 200 };

/** Sessions of `./gehra import` have ids of their own from here on, one each: what was imported is never of a live feed. */
export const IMPORT_FEED_FIRST_ID = 1001;

export const isImportFeed = (id: number): boolean => id >= IMPORT_FEED_FIRST_ID;

/** Name of a feed by an id out of a row: a slot's, or `import-3` of an imported session. @throws RangeError as `feedById` */
export const feedName = (id: number): string =>
  isImportFeed(id) ? `import-${id - IMPORT_FEED_FIRST_ID + 1}` : feedById(id).name;

/** Levels a side that rows of a feed can have. @throws RangeError as `feedById` */
export const levelsOfFeed = (id: number): number =>
  isImportFeed(id) ? LEVELS_OF_KIND.depth200 : LEVELS_OF_KIND[feedById(id).kind];
