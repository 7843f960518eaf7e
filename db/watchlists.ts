/** Watchlists, what their rules came to, and the limits learnt from the brokers. */
import type { FeedKind } from '../lib/core/feeds.ts';
import type { RuleAnswer, WatchRule } from '../lib/core/watchlist.ts';
import type { Client, Pool } from './connect.ts';

type Db = Client | Pool;

export interface Watchlist {
  readonly id: number;
  readonly name: string;
}

/** One line of a watchlist: an instrument or a rule. */
export interface WatchEntry {
  readonly id: number;
  readonly watchlistId: number;
  readonly instrumentId: number | null;
  readonly rule: WatchRule | null;
  readonly deep: boolean;
  /** What a rule came to last; null for an instrument, and before the planner has looked. */
  readonly answer: RuleAnswer | null;
}

export interface Versions {
  readonly instruments: number;
  readonly watchlists: number;
}

/** Counters that move with every change of instruments and watchlists. */
export async function readVersions(db: Db): Promise<Versions> {
  const { rows } = await db.query<{ name: keyof Versions; version: number }>(
    'SELECT name, version FROM gehra.versions',
  );
  const versionOf = (wanted: keyof Versions): number => rows.find(({ name }) => name === wanted)?.version ?? 0;
  return { instruments: versionOf('instruments'), watchlists: versionOf('watchlists') };
}

export async function listWatchlists(db: Db): Promise<Watchlist[]> {
  const { rows } = await db.query<Watchlist>(
    'SELECT watchlist_id AS id, name FROM gehra.watchlists ORDER BY place, watchlist_id',
  );
  return rows;
}

/** All entries, the most important first: by the order of the lists, then of the entries in them. */
export async function listEntries(db: Db): Promise<WatchEntry[]> {
  const { rows } = await db.query<WatchEntry>(
    `SELECT e.entry_id AS id, e.watchlist_id AS "watchlistId", e.instrument_id AS "instrumentId", e.rule, e.deep, a.answer
     FROM gehra.watchlist_entries AS e JOIN gehra.watchlists AS w USING (watchlist_id)
     LEFT JOIN gehra.rule_answers AS a USING (entry_id)
     ORDER BY w.place, w.watchlist_id, e.place, e.entry_id`,
  );
  return rows;
}

/** @returns the id; null where another list has that name */
export async function createWatchlist(db: Db, name: string): Promise<number | null> {
  const { rows } = await db.query<{ id: number }>(
    `INSERT INTO gehra.watchlists (name, place) SELECT $1, coalesce(max(place), 0) + 1 FROM gehra.watchlists
     ON CONFLICT (name) DO NOTHING RETURNING watchlist_id AS id`,
    [name],
  );
  return rows[0]?.id ?? null;
}

/** 'taken' where another list has that name, 'absent' where there is no such list. */
export async function renameWatchlist(db: Db, id: number, name: string): Promise<'renamed' | 'taken' | 'absent'> {
  const { rows } = await db.query<{ taken: boolean }>(
    `WITH taken AS (SELECT EXISTS (SELECT FROM gehra.watchlists WHERE name = $2 AND watchlist_id <> $1) AS taken),
       renamed AS (UPDATE gehra.watchlists SET name = $2 WHERE watchlist_id = $1 AND NOT (SELECT taken FROM taken) RETURNING 1)
     SELECT taken.taken FROM taken WHERE taken OR EXISTS (SELECT FROM renamed)`,
    [id, name],
  );
  if (rows.length === 0) return 'absent';
  return rows[0]?.taken ? 'taken' : 'renamed';
}

/** @returns the name it had; null where there is no such list */
export async function deleteWatchlist(db: Db, id: number): Promise<string | null> {
  const { rows } = await db.query<{ name: string }>(
    'DELETE FROM gehra.watchlists WHERE watchlist_id = $1 RETURNING name',
    [id],
  );
  return rows[0]?.name ?? null;
}

/** Puts instruments at a list's end, in their order; those in it already stay where they are. @returns how many are new */
export async function pinInstruments(db: Db, watchlistId: number, instrumentIds: readonly number[]): Promise<number> {
  const { rowCount } = await db.query(
    `INSERT INTO gehra.watchlist_entries (watchlist_id, place, instrument_id)
     SELECT $1, (SELECT coalesce(max(place), 0) FROM gehra.watchlist_entries WHERE watchlist_id = $1) + place, id
     FROM unnest($2::integer[]) WITH ORDINALITY AS pinned (id, place)
     ON CONFLICT (watchlist_id, instrument_id) DO NOTHING`,
    [watchlistId, instrumentIds],
  );
  return rowCount ?? 0;
}

export async function addRule(db: Db, watchlistId: number, rule: WatchRule): Promise<void> {
  await db.query(
    `INSERT INTO gehra.watchlist_entries (watchlist_id, place, rule)
     SELECT $1, coalesce(max(place), 0) + 1, $2 FROM gehra.watchlist_entries WHERE watchlist_id = $1`,
    [watchlistId, JSON.stringify(rule)],
  );
}

/** False where there is no such entry. */
export async function deleteEntry(db: Db, entryId: number): Promise<boolean> {
  return (await db.query('DELETE FROM gehra.watchlist_entries WHERE entry_id = $1', [entryId])).rowCount === 1;
}

export async function setDeep(db: Db, entryId: number, deep: boolean): Promise<boolean> {
  const { rowCount } = await db.query('UPDATE gehra.watchlist_entries SET deep = $2 WHERE entry_id = $1', [
    entryId,
    deep,
  ]);
  return rowCount === 1;
}

/** Puts the entries of a list into this order; those not named follow, as they were. */
export async function orderEntries(db: Db, watchlistId: number, entryIds: readonly number[]): Promise<void> {
  await db.query(
    `UPDATE gehra.watchlist_entries AS e SET place = ranked.place
     FROM (SELECT entry_id, row_number() OVER (ORDER BY array_position($2::integer[], entry_id), place, entry_id) AS place
           FROM gehra.watchlist_entries WHERE watchlist_id = $1) AS ranked
     WHERE e.entry_id = ranked.entry_id`,
    [watchlistId, entryIds],
  );
}

/** Puts the lists into this order; those not named follow, as they were. */
export async function orderWatchlists(db: Db, ids: readonly number[]): Promise<void> {
  await db.query(
    `UPDATE gehra.watchlists AS w SET place = ranked.place
     FROM (SELECT watchlist_id, row_number() OVER (ORDER BY array_position($1::integer[], watchlist_id), place, watchlist_id) AS place
           FROM gehra.watchlists) AS ranked
     WHERE w.watchlist_id = ranked.watchlist_id`,
    [ids],
  );
}

/** Makes the first watchlist, once in the life of a database. @returns false where that was done before */
export async function seedWatchlist(
  client: Client,
  name: string,
  lines: readonly (WatchRule | { readonly instrumentId: number })[],
): Promise<boolean> {
  await client.query('BEGIN');
  try {
    const { rowCount } = await client.query(
      "INSERT INTO gehra.versions (name) VALUES ('first_watchlist') ON CONFLICT DO NOTHING",
    );
    const id = rowCount === 1 ? await createWatchlist(client, name) : null;
    if (id !== null) {
      for (const line of lines) {
        if ('instrumentId' in line) await pinInstruments(client, id, [line.instrumentId]);
        else await addRule(client, id, line);
      }
    }
    await client.query('COMMIT');
    return id !== null;
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  }
}

/** True where the first watchlist was made, whatever has become of it. */
export async function isSeeded(db: Db): Promise<boolean> {
  const { rows } = await db.query("SELECT FROM gehra.versions WHERE name = 'first_watchlist'");
  return rows.length > 0;
}

export async function storeAnswer(db: Db, entryId: number, answer: RuleAnswer): Promise<void> {
  await db.query(
    `INSERT INTO gehra.rule_answers (entry_id, answer) SELECT entry_id, $2 FROM gehra.watchlist_entries WHERE entry_id = $1
     ON CONFLICT (entry_id) DO UPDATE SET answer = excluded.answer`,
    [entryId, JSON.stringify(answer)],
  );
}

export interface LearntLimit {
  readonly kind: FeedKind;
  readonly slots: number;
  readonly instruments: number;
  /** In words. */
  readonly because: string;
}

/** What was learnt in the last day: a limit that was somebody else's program is tried again. */
export async function listLearntLimits(db: Db): Promise<LearntLimit[]> {
  const { rows } = await db.query<LearntLimit>(
    `SELECT kind, slots, instruments, because FROM gehra.feed_limits WHERE learnt_at > now() - interval '1 day'`,
  );
  return rows;
}

export async function storeLearntLimit(db: Db, { kind, slots, instruments, because }: LearntLimit): Promise<void> {
  await db.query(
    `INSERT INTO gehra.feed_limits (kind, slots, instruments, because) VALUES ($1, $2, $3, $4)
     ON CONFLICT (kind) DO UPDATE SET slots = excluded.slots, instruments = excluded.instruments, because = excluded.because,
       learnt_at = now()`,
    [kind, slots, instruments, because],
  );
}
