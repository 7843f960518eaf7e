/** Loads of dumps into a real database, from a server that may misbehave, and of the real files. */
import { copyFileSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import pg from 'pg';
import pino from 'pino';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { lastLoad } from '../../db/masters.ts';
import { migrate } from '../../db/migrate.ts';
import { loadConfig } from '../../lib/config/config.ts';
import { newDataFolder } from '../../tests/support/data-folder.ts';
import { createDatabase } from '../../tests/support/servers.ts';
import { describeWithShared, sharedPath } from '../../tests/support/shared.ts';
import { DUMP_LIMITS } from './dump-files.ts';
import { isLoadedToday, loadMasters } from './masters.ts';

const log = pino({ level: 'silent' });
const KITE_HEAD =
  'instrument_token,exchange_token,tradingsymbol,name,last_price,expiry,strike,tick_size,lot_size,instrument_type,segment,exchange';
const DHAN_HEAD =
  'SEM_EXM_EXCH_ID,SEM_SEGMENT,SEM_SMST_SECURITY_ID,SEM_INSTRUMENT_NAME,SEM_EXPIRY_CODE,SEM_TRADING_SYMBOL,SEM_LOT_UNITS,SEM_CUSTOM_SYMBOL,SEM_EXPIRY_DATE,SEM_STRIKE_PRICE,SEM_OPTION_TYPE,SEM_TICK_SIZE,SEM_EXPIRY_FLAG,SEM_EXCH_INSTRUMENT_TYPE,SEM_SERIES,SM_SYMBOL_NAME';
const DAY_US = 86_400_000_000;
const MONDAY_US = Date.parse('2026-11-23T03:05:00Z') * 1000;

const stock = (number: number, symbol: string, lot = 1): string =>
  `${number * 256 + 1},${number},${symbol},${symbol} LTD,0.0,,0.0,0.05,${lot},EQ,NSE,NSE`;
const future = (number: number, symbol: string, expiry: string, lot = 65): string =>
  `${number * 256 + 2},${number},${symbol},NIFTY,0.0,${expiry},0.0,0.1,${lot},FUT,NFO-FUT,NFO`;
const dhanStock = (number: number, symbol: string): string =>
  `NSE,E,${number},EQUITY,0,${symbol},1.0,${symbol},,,,5.0000,NA,ES,EQ,${symbol} LTD`;
const kiteFile = (...rows: string[]): string => [KITE_HEAD, ...rows].join('\n');
const dhanFile = (...rows: string[]): string => [DHAN_HEAD, ...rows].join('\n');

type Answer = string | ((response: ServerResponse) => void);
let answers: { kite: Answer; dhan: Answer };
let server: Server;
let database: { url: string; drop: () => Promise<void> };
let client: pg.Client;
let dataDir: string;

beforeEach(async () => {
  dataDir = newDataFolder();
  database = await createDatabase(inject('postgresUrl'));
  await migrate(database.url, log);
  client = new pg.Client({ connectionString: database.url });
  await client.connect();
  answers = { kite: kiteFile(stock(1594, 'INFY')), dhan: dhanFile(dhanStock(1594, 'INFY')) };
  server = createServer((request, response) => {
    const answer = request.url === '/instruments' ? answers.kite : answers.dhan;
    if (typeof answer === 'string') response.end(answer);
    else answer(response);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
});
afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await client.end();
  await database.drop();
  rmSync(dataDir, { recursive: true });
});

const configOf = () => {
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return loadConfig({
    // Its brokers are on this machine.
    GEHRA_SIMULATED: '1',
    GEHRA_DATA_DIR: dataDir,
    DATABASE_URL: database.url,
    KITE_API_KEY: 'key',
    KITE_API_URL: address,
    DHAN_CLIENT_ID: '1000000001',
    DHAN_MASTER_URL: `${address}/scrip-master.csv`,
  });
};
const load = (day = 0, limits = {}): Promise<boolean> =>
  loadMasters(configOf(), log, MONDAY_US + day * DAY_US, { ...DUMP_LIMITS, ...limits });

interface Stored {
  id: number;
  symbol: string;
  lot: number;
  kite: number | null;
  dhan: number | null;
  listed: boolean;
}
const stored = async (): Promise<Stored[]> =>
  (
    await client.query<Stored>(
      `SELECT instrument_id AS id, symbol, lot_size AS lot, kite_token::integer AS kite, dhan_security_id::integer AS dhan, listed
       FROM gehra.instruments ORDER BY instrument_id`,
    )
  ).rows;
const failures = async (): Promise<(string | null)[]> => {
  const report = await lastLoad(client as never);
  return ['kite', 'dhan'].map((broker) => report?.files[broker]?.failure ?? null);
};

describe('a load', () => {
  it('stores one instrument a contract and lists what met no other, with the reason', async () => {
    answers.kite = kiteFile(stock(1594, 'INFY'), stock(10, 'ABAN'));
    answers.dhan = dhanFile(dhanStock(1594, 'INFY'), dhanStock(7759, 'ABAN'));
    expect(await load()).toBe(true);
    expect((await stored()).map(({ symbol, kite, dhan }) => [symbol, kite, dhan])).toEqual([
      ['INFY', 1594 * 256 + 1, 1594],
      ['ABAN', 10 * 256 + 1, null],
      ['ABAN.7759', null, 7759],
    ]);
    expect((await client.query('SELECT broker, symbol, reason FROM gehra.unjoined ORDER BY broker')).rows).toEqual([
      { broker: 'dhan', symbol: 'ABAN', reason: 'Kite lists ABAN under the number 10' },
      { broker: 'kite', symbol: 'ABAN', reason: 'Dhan lists ABAN under the number 7759' },
    ]);
  });

  it('keeps an id through a rename and another lot, and notes both', async () => {
    await load();
    answers.kite = kiteFile(stock(1594, 'INFOSYS', 25));
    expect(await load(1)).toBe(true);
    expect(await stored()).toMatchObject([{ symbol: 'INFOSYS', lot: 25, listed: true }]);
    const { rows } = await client.query('SELECT what, was, became FROM gehra.instrument_changes ORDER BY what');
    expect(rows).toEqual([
      { what: 'lot_size', was: '1', became: '25' },
      { what: 'symbol', was: 'INFY', became: 'INFOSYS' },
    ]);
  });

  it('keeps an expired contract, and gives its number to the next one', async () => {
    answers.kite = kiteFile(stock(1594, 'INFY'), future(52714, 'NIFTY26NOVFUT', '2026-11-24'));
    await load();
    answers.kite = kiteFile(stock(1594, 'INFY'), future(52714, 'NIFTY27JANFUT', '2027-01-26'));
    await load(2);
    expect((await stored()).filter(({ symbol }) => symbol.startsWith('NIFTY'))).toMatchObject([
      { symbol: 'NIFTY26NOVFUT', kite: null, listed: false },
      { symbol: 'NIFTY27JANFUT', kite: 52714 * 256 + 2, listed: true },
    ]);
  });

  it('is known to be of today, or not', async () => {
    expect(await isLoadedToday(configOf(), MONDAY_US)).toBe(false);
    await load();
    expect(await isLoadedToday(configOf(), MONDAY_US)).toBe(true);
    expect(await isLoadedToday(configOf(), MONDAY_US + DAY_US)).toBe(false);
    answers.dhan = (response) => response.writeHead(503).end();
    await load(1);
    expect(await isLoadedToday(configOf(), MONDAY_US + DAY_US)).toBe(false);
  });

  it('leaves out damaged rows and repeats, counts them, and takes the rest', async () => {
    const twice = stock(1594, 'INFY');
    answers.kite = kiteFile(twice, twice, twice, future(52714, 'NIFTY26FEBFUT', '2026-02-30'), stock(11, 'TCS'));
    answers.dhan = dhanFile(
      dhanStock(1594, 'INFY'),
      'NSE,D,52714,FUTIDX,0,NIFTY-Feb2027-FUT,65.0,NIFTY FEB FUT,2027-13-01 14:30:00,-0.01,XX,10.0,M,FUTIDX,,NIFTY',
    );
    expect(await load()).toBe(true);
    expect((await stored()).map(({ symbol }) => symbol)).toEqual(['INFY', 'TCS']);
    expect((await lastLoad(client as never))?.files).toMatchObject({
      kite: { rows: 2, leftOut: 3, failure: null },
      dhan: { rows: 1, leftOut: 1, failure: null },
    });
  });

  it('writes nothing where nothing has changed', async () => {
    await load();
    const rows = async () => (await client.query('SELECT xmin::text, * FROM gehra.instruments')).rows;
    const before = await rows();
    await load(1);
    expect(await rows()).toEqual(before);
  });

  it('gives a contract that only Dhan listed its symbol of the exchange later, under the same id', async () => {
    answers.kite = (response) => response.writeHead(403).end('no');
    answers.dhan = dhanFile(
      'NSE,D,52714,FUTIDX,0,NIFTY-Dec2026-FUT,65.0,NIFTY DEC FUT,2026-12-29 14:30:00,-0.01,XX,10.0,M,FUTIDX,,NIFTY',
    );
    expect(await load()).toBe(false);
    expect(await stored()).toMatchObject([{ symbol: 'NIFTY-DEC2026-FUT' }]);
    answers.kite = kiteFile(future(52714, 'NIFTY26DECFUT', '2026-12-29'));
    expect(await load(1)).toBe(true);
    expect(await stored()).toMatchObject([{ id: 1, symbol: 'NIFTY26DECFUT', kite: 52714 * 256 + 2, dhan: 52714 }]);
  });
});

describe('a dump that cannot be used', () => {
  const many = Array.from({ length: 300 }, (_, i) => stock(2000 + i, `S${i}`));

  const hostile: Record<string, Answer> = {
    'is refused by the server': (response) => response.writeHead(500).end('down'),
    'is a page': '<html>maintenance</html>\n<p>',
    'has quotes that never close': kiteFile('"408065,1594,INFY', ...Array.from({ length: 5000 }, () => stock(1, 'X'))),
    'has quotes where none may be': kiteFile('408065,15"94,INFY,INFY,0,,0,0.05,1,EQ,NSE,NSE'),
    'is one line without an end': (response) => {
      response.write(`${KITE_HEAD}\n`);
      endless(response, 'x'.repeat(64 * 1024));
    },
    'has rows without an end': (response) => {
      response.write(`${KITE_HEAD}\n`);
      endless(response, `${stock(1, 'X')}\n`.repeat(1000));
    },
    'unpacks to a thousand times its size': (response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' });
      response.end(gzipSync(Buffer.alloc(64 * 1024 * 1024, 'a')));
    },
    'has shrunk to a third': kiteFile(...many.slice(0, 100)),
    'breaks off': (response) => {
      response.writeHead(200, { 'content-length': '100000' });
      response.write(KITE_HEAD);
      setImmediate(() => response.destroy());
    },
  };

  for (const [what, answer] of Object.entries(hostile)) {
    it(`because it ${what} leaves the old one in force, and says why`, async () => {
      answers.kite = kiteFile(...many);
      expect(await load()).toBe(true);
      const before = await stored();
      answers.kite = answer;
      const startMs = performance.now();
      const heap = process.memoryUsage().rss;
      expect(await load(1, { bytes: 16 * 1024 * 1024, rows: 20_000 })).toBe(false);
      expect(performance.now() - startMs).toBeLessThan(20_000);
      expect(process.memoryUsage().rss - heap).toBeLessThan(400 * 1024 * 1024);
      expect(await stored()).toEqual(before);
      const [kite, dhan] = await failures();
      expect(kite).toMatch(/the instrument dump/);
      expect(kite).not.toContain('key');
      expect(dhan).toBeNull();
      expect((await lastLoad(client as never))?.files.kite?.day).toBe('2026-11-23');
    });
  }

  it('because the database does not take it is not kept, and the old one stays in force', async () => {
    await load();
    await client.query("ALTER TABLE gehra.instruments ADD CHECK (symbol <> 'REFUSED')");
    answers.kite = kiteFile(stock(1594, 'INFY'), stock(11, 'REFUSED'));
    expect(await load(1)).toBe(false);
    expect((await stored()).map(({ symbol }) => symbol)).toEqual(['INFY']);
    expect(await failures()).toEqual([
      expect.stringMatching(/the database does not take the instrument dump/),
      expect.stringMatching(/the database does not take the instrument dump/),
    ]);
    expect(readdirSync(path.join(dataDir, 'masters')).sort()).toEqual([
      'dhan-2026-11-23.csv.gz',
      'kite-2026-11-23.csv.gz',
    ]);
  });

  it('and with no older one says what is wrong', async () => {
    answers.kite = 'no csv';
    answers.dhan = (response) => response.writeHead(503).end();
    await expect(load()).rejects.toThrow(/kite: .*no column|kite: .*no rows/);
    expect(await stored()).toEqual([]);
  });
});

/** Writes until the other side has had enough. */
function endless(response: ServerResponse, piece: string): void {
  const write = (): void => {
    while (!response.destroyed && response.write(piece));
    if (!response.destroyed) response.once('drain', write);
  };
  write();
}

describeWithShared('data', 'the real dumps', () => {
  it('load, and meet by number where both days can have an instrument', async () => {
    mkdirSync(path.join(dataDir, 'masters'));
    answers.kite = (response) => response.writeHead(503).end();
    answers.dhan = answers.kite;
    const files = {
      kite: 'kite_instruments_nse_20240116.csv.gz',
      dhan: 'dhan_scrip_master_cash_20260629.csv.gz',
    };
    for (const [broker, name] of Object.entries(files)) {
      copyFileSync(
        sharedPath('data', 'nse-reference', name),
        path.join(dataDir, 'masters', `${broker}-2026-11-20.csv.gz`),
      );
    }
    // Neither server answers: the kept files are what is loaded.
    expect(await load()).toBe(false);
    const report = await lastLoad(client as never);
    expect(report?.files).toMatchObject({ kite: { rows: 5674 }, dhan: { rows: 23_116 } });
    const { rows } = await client.query<{ reason: string; count: number }>(
      `SELECT CASE WHEN reason ~ 'under the number' THEN 'other number' ELSE 'absent' END AS reason, count(*)::integer
       FROM gehra.unjoined WHERE broker = 'kite' AND exchange = 'NSE' GROUP BY 1`,
    );
    const lone = Object.fromEntries(rows.map(({ reason, count }) => [reason, count]));
    const joined = report?.exchanges.NSE?.joined ?? 0;
    // The files are 29 months apart: what has been delisted or moved to another series since cannot meet. Of what stands in
    // both, by symbol and series or by number, at least 99 of 100 do.
    expect(joined).toBeGreaterThan(4000);
    expect(joined / (joined + (lone['other number'] ?? 0))).toBeGreaterThan(0.99);
    expect(report?.exchanges.INDICES?.joined).toBeGreaterThan(65);
  });
});
