/** Watchlists over a real database: what owners can do, what is refused, and the predecessor's view. */
import pino from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { migrate } from '../../db/migrate.ts';
import { createDatabase } from '../../tests/support/servers.ts';
import { demoCaller, startTestServices } from '../../tests/support/services.ts';
import type { Caller } from './access.ts';
import { services } from './context.ts';
import { RequestError } from './errors.ts';
import {
  addEntries,
  addWatchlist,
  changeEntry,
  changeWatchlist,
  NewEntries,
  NewWatchlist,
  removeEntry,
  removeWatchlist,
  sortEntries,
  sortWatchlists,
  watchlists,
  watchlistText,
} from './watchlists.ts';

const log = pino({ level: 'silent' });
let database: { url: string; drop: () => Promise<void> };
let stop: () => Promise<void>;
let owner: Caller;

beforeAll(async () => {
  database = await createDatabase(inject('postgresUrl'));
  await migrate(database.url, log);
  ({ stop } = await startTestServices(database.url, log));
  owner = await demoCaller();
  await sql(
    `INSERT INTO gehra.instruments (exchange, symbol, name, type, expiry, strike, price_scale, tick_size, lot_size, kite_token, dhan_segment, dhan_security_id)
     VALUES ('NSE', 'INFY', 'INFOSYS', 'EQ', NULL, NULL, 100, 5, 1, 408065, 'NSE_EQ', 1594),
            ('NFO', 'NIFTY26DECFUT', 'NIFTY', 'FUT', '2026-12-29', NULL, 100, 10, 65, 13494786, 'NSE_FNO', 52714),
            ('NFO', 'NIFTY26DEC25000CE', 'NIFTY', 'CE', '2026-12-29', 2500000, 100, 5, 65, 15360514, 'NSE_FNO', 60002),
            ('INDICES', 'SENSEX', 'SENSEX', 'INDEX', NULL, NULL, 100, 1, 1, 265, 'IDX_I', 51),
            ('NFO', 'BANKNIFTY-DEC2026-FUT', 'BANKNIFTY', 'FUT', '2026-12-29', NULL, 100, 20, 30, NULL, 'NSE_FNO', 52701)`,
  );
});
afterAll(async () => {
  await stop();
  await database.drop();
});
beforeEach(() => sql('DELETE FROM gehra.watchlists'));

// The pool's address names no schema, as a script's does not.
async function sql<Row extends object>(text: string, values: unknown[] = []): Promise<Row[]> {
  return (await services().db.query<Row>(text, values)).rows;
}
const refused = (work: Promise<unknown>) =>
  work.then(
    () => null,
    (error: unknown) => (error instanceof RequestError ? [error.status, error.message] : error),
  );
const names = async () =>
  (await watchlists(owner)).map(({ name, entries }) => [
    name,
    ...entries.map(({ instrument, rule }) => instrument?.slug ?? rule?.words),
  ]);

describe('watchlists', () => {
  it('are made, filled, ordered, renamed and deleted', async () => {
    const first = await addWatchlist(owner, NewWatchlist.parse({ name: '  First ' }));
    const second = await addWatchlist(owner, { name: 'Second' });
    expect(
      await addEntries(owner, { watchlistId: first, slugs: ['nse:infy', 'NFO:NIFTY26DECFUT', 'NSE:NOBODY', 'x'] }),
    ).toEqual({
      pinned: 2,
      unknown: ['NSE:NOBODY', 'x'],
    });
    // Twice is once.
    expect(await addEntries(owner, { watchlistId: first, slugs: ['NSE:INFY'] })).toEqual({ pinned: 0, unknown: [] });
    await addEntries(
      owner,
      NewEntries.parse({ watchlistId: first, rule: { kind: 'atm', underlying: 'nifty', strikes: 3 } }),
    );
    const rule = 'NIFTY: options at the money ± 3 strikes, nearest expiry';
    expect(await names()).toEqual([['First', 'NSE:INFY', 'NFO:NIFTY26DECFUT', rule], ['Second']]);

    const ids = (await watchlists(owner))[0]?.entries.map(({ id }) => id) as number[];
    await sortEntries(owner, { watchlistId: first, ids: [ids[2] as number, ids[1] as number] });
    await sortWatchlists(owner, { ids: [second, first] });
    await changeEntry(owner, { id: ids[1] as number, deep: true });
    expect(await names()).toEqual([['Second'], ['First', rule, 'NFO:NIFTY26DECFUT', 'NSE:INFY']]);
    expect((await watchlists(owner))[1]?.entries.map(({ deep }) => deep)).toEqual([false, true, false]);
    expect(await watchlistText(owner, { id: first })).toBe(`# First\n# ${rule}\nNFO:NIFTY26DECFUT\nNSE:INFY\n`);

    await removeEntry(owner, { id: ids[2] as number });
    await changeWatchlist(owner, { id: second, name: 'Renamed' });
    await removeWatchlist(owner, { id: first });
    expect(await names()).toEqual([['Renamed']]);
    const audit = await sql<{ action: string }>('SELECT DISTINCT action FROM gehra.audit ORDER BY action');
    expect(audit.map(({ action }) => action)).toEqual([
      'watchlist_created',
      'watchlist_deleted',
      'watchlist_entry_removed',
      'watchlist_pinned',
      'watchlist_renamed',
      'watchlist_rule_added',
    ]);
  });

  it('say in words why something cannot be', async () => {
    const id = await addWatchlist(owner, { name: 'One' });
    const other = await addWatchlist(owner, { name: 'Other' });
    expect(await refused(addWatchlist(owner, { name: 'One' }))).toEqual([409, expect.stringContaining('“One”')]);
    expect(await refused(changeWatchlist(owner, { id: other, name: 'One' }))).toEqual([409, expect.any(String)]);
    expect(await refused(changeWatchlist(owner, { id: 999, name: 'X' }))).toEqual([404, expect.any(String)]);
    expect(await refused(removeWatchlist(owner, { id: 999 }))).toEqual([404, expect.any(String)]);
    expect(await refused(removeEntry(owner, { id: 999 }))).toEqual([404, expect.any(String)]);
    expect(await refused(addEntries(owner, { watchlistId: 999, slugs: [] }))).toEqual([404, expect.any(String)]);
    const rule = { kind: 'futures', underlying: 'NIFTYY', count: 1 } as const;
    expect(await refused(addEntries(owner, { watchlistId: id, rule }))).toEqual([
      422,
      expect.stringContaining('NIFTYY'),
    ]);
  });

  it('have each rule once, and not too many', async () => {
    const id = await addWatchlist(owner, { name: 'Rules' });
    const add = (strikes: number) =>
      refused(
        addEntries(owner, NewEntries.parse({ watchlistId: id, rule: { kind: 'atm', underlying: 'NIFTY', strikes } })),
      );
    for (let strikes = 0; strikes < 10; strikes += 1) await add(strikes);
    expect(await add(3)).toEqual([409, expect.stringContaining('this rule already')]);
    await sql(
      `INSERT INTO gehra.watchlist_entries (watchlist_id, place, rule)
       SELECT $1, 100 + n, jsonb_build_object('kind', 'futures', 'underlying', 'X' || n, 'count', 1)
       FROM generate_series(1, 40) AS n`,
      [id],
    );
    expect(await add(10)).toEqual([409, expect.stringContaining('can have 50 rules')]);
    const other = await addWatchlist(owner, { name: 'Other rules' });
    const rule = { kind: 'atm', underlying: 'NIFTY', strikes: 3 } as const;
    expect(await refused(addEntries(owner, { watchlistId: other, rule }))).toBeNull();
  });

  it('are named without what nobody sees', () => {
    expect(NewWatchlist.parse({ name: ' In\u200bdex\u202e  \u2028options ' })).toEqual({ name: 'Index options' });
  });

  it('take names as names, whatever they look like', async () => {
    for (const name of [`'; DROP TABLE gehra.watchlists; --`, '<script>alert(1)</script>', '=1+1', '__proto__']) {
      await addWatchlist(owner, NewWatchlist.parse({ name }));
    }
    expect((await names()).flat()).toEqual([
      `'; DROP TABLE gehra.watchlists; --`,
      '<script>alert(1)</script>',
      '=1+1',
      '__proto__',
    ]);
  });

  it.each([
    { name: '' },
    { name: 'x'.repeat(61) },
    { name: 'two\nlines' },
    { name: '\u200b' },
    { name: '\u202e\u2028' },
    { name: 1 },
    { name: 'x', more: 1 },
    JSON.parse('{"name":"x","__proto__":{"polluted":true}}') as object,
  ])('refuse %j as a name', (body) => {
    expect(NewWatchlist.safeParse(body).success && !Object.hasOwn(body, '__proto__')).toBe(false);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  it.each([
    { kind: 'atm', underlying: 'NIFTY', strikes: -1 },
    { kind: 'atm', underlying: 'NIFTY', strikes: 1.5 },
    { kind: 'atm', underlying: 'NIFTY', strikes: 1e9 },
    { kind: 'atm', underlying: "N' OR 1=1", strikes: 1 },
    { kind: 'futures', underlying: 'NIFTY' },
    { kind: 'turnover', exchange: 'MCX', count: 1 },
    { kind: 'everything' },
    { kind: 'constructor' },
  ])('refuse %j as a rule', (rule) => {
    expect(NewEntries.safeParse({ watchlistId: 1, rule }).success).toBe(false);
  });
});

describe('the predecessor’s view of instruments', () => {
  it('has its columns, in rupees, and a token for everything', async () => {
    const { fields } = await services().db.query('SELECT * FROM instruments LIMIT 0');
    expect(fields.map(({ name }) => name)).toEqual([
      'instrument_token',
      'exchange_token',
      'trading_symbol',
      'name',
      'exchange',
      'segment',
      'instrument_type',
      'expiry',
      'strike',
      'tick_size',
      'lot_size',
      'last_updated',
      'security_id',
      'is_active',
      'source',
      'instrument_id',
    ]);
    const rows = await sql<Record<string, unknown>>(
      `SELECT instrument_token, exchange_token, exchange, segment, instrument_type, strike, tick_size, security_id, is_active, source
       FROM instruments ORDER BY instrument_id`,
    );
    expect(rows.map((row) => Object.values(row).join(' '))).toEqual([
      '408065 1594 NSE NSE EQ 0.00 0.0500 1594 false kite',
      '13494786 52714 NFO NFO-FUT FUT 0.00 0.1000 52714 false kite',
      '15360514 60002 NFO NFO-OPT CE 25000.00 0.0500 60002 false kite',
      '265 1 BSE INDICES EQ 0.00 0.0100 51 false kite',
      '-5 52701 NFO NFO-FUT FUT 0.00 0.2000 52701 false dhan',
    ]);
  });

  it('subscribes by UPDATE of is_active, all contracts of an underlying or one', async () => {
    await sql(`UPDATE instruments SET is_active = true WHERE name = 'NIFTY'`);
    await sql(`UPDATE instruments SET is_active = true WHERE name = 'NIFTY'`);
    expect(await names()).toEqual([['By SQL', 'NFO:NIFTY26DECFUT', 'NFO:NIFTY26DEC25000CE']]);
    expect(await sql('SELECT trading_symbol FROM active_instruments ORDER BY instrument_id')).toEqual([
      { trading_symbol: 'NIFTY26DECFUT' },
      { trading_symbol: 'NIFTY26DEC25000CE' },
    ]);
    await sql('UPDATE instruments SET is_active = false WHERE instrument_token = 13494786');
    expect(await names()).toEqual([['By SQL', 'NFO:NIFTY26DEC25000CE']]);
  });

  it('lets nothing else be changed', async () => {
    await expect(sql(`UPDATE instruments SET lot_size = 1`)).rejects.toThrow(/only is_active/);
    await expect(sql(`UPDATE instruments SET is_active = NULL`)).rejects.toThrow(/only is_active/);
  });
});
