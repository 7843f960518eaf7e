/** Watchlists as pages and scripts see and change them. Owners change; everybody sees. */
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { contractsOf, findInstruments, listedAmong } from '../../db/instruments.ts';
import {
  addRule,
  createWatchlist,
  deleteEntry,
  deleteWatchlist,
  listEntries,
  listWatchlists,
  orderEntries,
  orderWatchlists,
  pinInstruments,
  renameWatchlist,
  setDeep,
  type WatchEntry,
} from '../../db/watchlists.ts';
import { parseSlug } from '../core/instrument.ts';
import type { RuleView, WatchlistView } from '../core/watching.ts';
import { RULE_LIMITS, ruleWords, type WatchRule } from '../core/watchlist.ts';
import type { Caller } from './access.ts';
import { audit } from './audit.ts';
import { services } from './context.ts';
import { RequestError } from './errors.ts';
import { summariesOf } from './instruments.ts';
import { seenText } from './person-name.ts';

/** What fits the database's integer. */
const Id = z.int().min(1).max(2_147_483_647);
const Name = z
  .string()
  .trim()
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is refused
  .regex(/^[^\u0000-\u001f\u007f]*$/, 'no control characters')
  .transform(seenText)
  .pipe(z.string().min(1, 'a name is needed').max(60, 'a name has at most 60 characters'));
/** A text that is imported has at most so many lines. */
const SLUGS_MAX = 1500;
const LISTS_MAX = 50;
/** Of one list: each is asked several times a second. */
const RULES_MAX = 50;
const IDS_MAX = 10_000;

const Underlying = z
  .string()
  .trim()
  .toUpperCase()
  .regex(/^[A-Z0-9][A-Z0-9&_. -]{0,39}$/, 'is no underlying, such as NIFTY');
const count = (max: number, min = 1) => z.int().min(min).max(max);

export const Rule = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('underlying'), underlying: Underlying }),
  z.strictObject({ kind: z.literal('futures'), underlying: Underlying, count: count(RULE_LIMITS.futures) }),
  z.strictObject({ kind: z.literal('atm'), underlying: Underlying, strikes: count(RULE_LIMITS.atm, 0) }),
  z.strictObject({ kind: z.literal('turnover'), exchange: z.enum(['NSE', 'NFO']), count: count(RULE_LIMITS.turnover) }),
]);

export const NewWatchlist = z.strictObject({ name: Name });
export const ChangedWatchlist = z.strictObject({ id: Id, name: Name });
export const OneWatchlist = z.strictObject({ id: Id });
export const WatchlistOrder = z.strictObject({ ids: z.array(Id).max(LISTS_MAX) });
export const NewEntries = z.strictObject({
  watchlistId: Id,
  slugs: z.array(z.string().max(80)).max(SLUGS_MAX).optional(),
  rule: Rule.optional(),
});
export const ChangedEntry = z.strictObject({ id: Id, deep: z.boolean() });
export const OneEntry = z.strictObject({ id: Id });
export const EntryOrder = z.strictObject({ watchlistId: Id, ids: z.array(Id).max(IDS_MAX) });
export const TextQuery = z.strictObject({ id: z.coerce.number().pipe(Id) });

/** All lists with what stands in them, the most important first. */
export async function watchlists(caller: Caller): Promise<WatchlistView[]> {
  const { db } = services();
  const [lists, entries] = await Promise.all([listWatchlists(db), listEntries(db)]);
  const ids = entries.flatMap(({ instrumentId }) => instrumentId ?? []);
  const [summaries, listed] = await Promise.all([summariesOf(caller, ids), listedAmong(db, ids)]);
  const byId = new Map(summaries.map((summary) => [summary.id, { ...summary, listed: listed.has(summary.id) }]));
  return lists.map(({ id, name }) => ({
    id,
    name,
    entries: entries
      .filter(({ watchlistId }) => watchlistId === id)
      .map((entry) => ({
        id: entry.id,
        deep: entry.deep,
        instrument: entry.instrumentId === null ? null : (byId.get(entry.instrumentId) ?? null),
        rule: entry.rule ? ruleView(entry.rule, entry) : null,
      })),
  }));
}

function ruleView(rule: WatchRule, { answer }: WatchEntry): RuleView {
  return {
    rule,
    words: ruleWords(rule),
    count: answer?.instrumentIds.length ?? null,
    strike: answer?.strike ?? null,
    note: answer?.note ?? '',
  };
}

/** @throws RequestError 409 where the name is taken or there are too many lists */
export async function addWatchlist(caller: Caller, { name }: z.output<typeof NewWatchlist>): Promise<number> {
  caller.mustBe('owner');
  const { db } = services();
  if ((await listWatchlists(db)).length >= LISTS_MAX) {
    throw new RequestError(409, 'Too many watchlists', `There can be ${LISTS_MAX} watchlists: delete one first.`);
  }
  const id = await createWatchlist(db, name);
  if (id === null) throw nameTaken(name);
  await audit(caller, 'watchlist_created', name);
  return id;
}

/** @throws RequestError 404, 409 */
export async function changeWatchlist(caller: Caller, { id, name }: z.output<typeof ChangedWatchlist>): Promise<void> {
  caller.mustBe('owner');
  const result = await renameWatchlist(services().db, id, name);
  if (result === 'taken') throw nameTaken(name);
  if (result === 'absent') throw noList();
  await audit(caller, 'watchlist_renamed', name);
}

/** @throws RequestError 404 */
export async function removeWatchlist(caller: Caller, { id }: z.output<typeof OneWatchlist>): Promise<void> {
  caller.mustBe('owner');
  const name = await deleteWatchlist(services().db, id);
  if (name === null) throw noList();
  await audit(caller, 'watchlist_deleted', name);
}

export async function sortWatchlists(caller: Caller, { ids }: z.output<typeof WatchlistOrder>): Promise<void> {
  caller.mustBe('owner');
  await orderWatchlists(services().db, ids);
}

/**
 * Adds a rule, or pins instruments in their order.
 *
 * @returns slugs that name nothing known, and how many were pinned anew
 * @throws RequestError 404 for an unknown list, 422 for a rule on what does not exist, 409 for one more than there can be
 */
export async function addEntries(
  caller: Caller,
  { watchlistId, slugs = [], rule }: z.output<typeof NewEntries>,
): Promise<{ pinned: number; unknown: string[] }> {
  caller.mustBe('owner');
  const { db } = services();
  const list = (await listWatchlists(db)).find(({ id }) => id === watchlistId);
  if (!list) throw noList();
  if (rule) {
    await mustHaveContracts(rule);
    await mustHaveRoom(watchlistId, rule);
    await addRule(db, watchlistId, rule);
    await audit(caller, 'watchlist_rule_added', `${list.name}: ${ruleWords(rule)}`);
  }
  const names = slugs.map((slug) => parseSlug(slug.trim()));
  const found = await findInstruments(
    db,
    names.flatMap((name) => name ?? []),
  );
  const known = new Set(found.map(({ exchange, symbol }) => `${exchange}:${symbol}`));
  const unknown = slugs.filter((_, i) => !known.has(`${names[i]?.exchange}:${names[i]?.symbol}`));
  const pinned = await pinInstruments(db, watchlistId, [...new Set(found.map(({ id }) => id))]);
  if (pinned > 0) await audit(caller, 'watchlist_pinned', `${list.name}: ${pinned} instruments`);
  return { pinned, unknown };
}

/** @throws RequestError 422 */
async function mustHaveContracts(rule: WatchRule): Promise<void> {
  if (rule.kind === 'turnover') return;
  if ((await contractsOf(services().db, [rule.underlying])).length > 0) return;
  const detail = `No future or option is listed of ${rule.underlying}. Underlyings are written as in their contracts: NIFTY, BANKNIFTY, RELIANCE.`;
  throw new RequestError(422, 'Unknown underlying', detail);
}

/** @throws RequestError 409 */
async function mustHaveRoom(watchlistId: number, rule: WatchRule): Promise<void> {
  const entries = await listEntries(services().db);
  const rules = entries.flatMap((entry) => (entry.watchlistId === watchlistId && entry.rule ? [entry.rule] : []));
  if (rules.some((other) => isDeepStrictEqual(other, rule))) {
    throw new RequestError(409, 'Rule there already', `The watchlist has this rule already: ${ruleWords(rule)}.`);
  }
  if (rules.length >= RULES_MAX) {
    const detail = `A watchlist can have ${RULES_MAX} rules: remove one first, or use another list.`;
    throw new RequestError(409, 'Too many rules', detail);
  }
}

/** @throws RequestError 404 */
export async function changeEntry(caller: Caller, { id, deep }: z.output<typeof ChangedEntry>): Promise<void> {
  caller.mustBe('owner');
  if (!(await setDeep(services().db, id, deep))) throw noEntry();
}

/** @throws RequestError 404 */
export async function removeEntry(caller: Caller, { id }: z.output<typeof OneEntry>): Promise<void> {
  caller.mustBe('owner');
  if (!(await deleteEntry(services().db, id))) throw noEntry();
  await audit(caller, 'watchlist_entry_removed', String(id));
}

export async function sortEntries(caller: Caller, { watchlistId, ids }: z.output<typeof EntryOrder>): Promise<void> {
  caller.mustBe('owner');
  await orderEntries(services().db, watchlistId, ids);
}

/** A list as text, one instrument a line; rules stand behind a #, as words. @throws RequestError 404 */
export async function watchlistText(caller: Caller, { id }: z.output<typeof TextQuery>): Promise<string> {
  const list = (await watchlists(caller)).find((one) => one.id === id);
  if (!list) throw noList();
  const lines = list.entries.map(({ instrument, rule }) => instrument?.slug ?? `# ${rule?.words ?? ''}`);
  return `${[`# ${list.name}`, ...lines].join('\n')}\n`;
}

const nameTaken = (name: string): RequestError =>
  new RequestError(409, 'Name taken', `There is a watchlist “${name}” already: choose another name.`);
const noList = (): RequestError =>
  new RequestError(404, 'No such watchlist', 'This watchlist is not there any more: load the page again.');
const noEntry = (): RequestError =>
  new RequestError(404, 'No such entry', 'This entry is not there any more: load the page again.');
