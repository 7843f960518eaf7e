import { gunzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { describeWithShared, readShared } from '../../tests/support/shared.ts';
import { joinMasters } from './join-masters.ts';
import { dhanInstrument, kiteInstrument, type MasterRow } from './master-rows.ts';

const KITE_HEAD =
  'instrument_token,exchange_token,tradingsymbol,name,last_price,expiry,strike,tick_size,lot_size,instrument_type,segment,exchange';
const DHAN_HEAD =
  'SEM_EXM_EXCH_ID,SEM_SEGMENT,SEM_SMST_SECURITY_ID,SEM_INSTRUMENT_NAME,SEM_EXPIRY_CODE,SEM_TRADING_SYMBOL,SEM_LOT_UNITS,SEM_CUSTOM_SYMBOL,SEM_EXPIRY_DATE,SEM_STRIKE_PRICE,SEM_OPTION_TYPE,SEM_TICK_SIZE,SEM_EXPIRY_FLAG,SEM_EXCH_INSTRUMENT_TYPE,SEM_SERIES,SM_SYMBOL_NAME';

type Read = (row: Record<string, string>) => MasterRow | null;
const read = (csv: string, instrument: Read): MasterRow[] =>
  parse(csv, { columns: true, relax_column_count: true, trim: true }).flatMap(
    (row) => instrument(row as Record<string, string>) ?? [],
  );
const kite = (...rows: string[]) => read([KITE_HEAD, ...rows].join('\n'), kiteInstrument);
const dhan = (...rows: string[]) => read([DHAN_HEAD, ...rows].join('\n'), dhanInstrument);

describe('Kite’s dump', () => {
  it('gives contracts, cash and indices in price units', () => {
    const rows = kite(
      '13494786,52714,NIFTY26DECFUT,NIFTY,0.0,2026-12-29,0.0,0.1,65,FUT,NFO-FUT,NFO',
      '18304258,71501,NIFTY26DEC24000CE,NIFTY,0.0,2026-12-29,24000.0,0.05,65,CE,NFO-OPT,NFO',
      '408065,1594,INFY,INFOSYS,0.0,,0.0,0.1,1,EQ,NSE,NSE',
      '257801,1007,NIFTY FIN SERVICE,NIFTY FIN SERVICE,0.0,,0.0,0.0,0,EQ,INDICES,NSE',
    );
    expect(
      rows.map(({ exchange, symbol, type, expiry, strike, tickSize, lotSize }) => [
        exchange,
        symbol,
        type,
        expiry,
        strike,
        tickSize,
        lotSize,
      ]),
    ).toEqual([
      ['NFO', 'NIFTY26DECFUT', 'FUT', '2026-12-29', null, 10, 65],
      ['NFO', 'NIFTY26DEC24000CE', 'CE', '2026-12-29', 2_400_000, 5, 65],
      ['NSE', 'INFY', 'EQ', null, null, 10, 1],
      // An index has neither tick nor lot.
      ['INDICES', 'NIFTY FIN SERVICE', 'INDEX', null, null, 1, 1],
    ]);
  });

  it('gives currency in its finer unit, and leaves unknown exchanges out', () => {
    const rows = kite(
      '1,1,USDINR26DECFUT,USDINR,0,2026-12-29,0,0.0025,1,FUT,CDS-FUT,CDS',
      '2,2,X,X,0,,0,0.05,1,EQ,NSEIX,NSEIX',
    );
    expect(rows).toMatchObject([{ exchange: 'CDS', priceScale: 10_000_000, tickSize: 25_000 }]);
  });
});

describe('Dhan’s dump', () => {
  it('is read by column name, whatever its oddities', () => {
    const rows = dhan(
      'NSE,I,13,INDEX,0,NIFTY,1.0,Nifty 50,0001-01-01,,XX,0.0500,,INDEX,X,NIFTY',
      'NSE,E,1333,EQUITY,0,HDFCBANK,1.0,HDFC Bank,,,,5.0000,NA,ES,EQ,HDFC BANK LTD',
      'NSE,D,52714,FUTIDX,0,NIFTY-Dec2026-FUT,65.0,NIFTY DEC FUT,2026-12-29 14:30:00,-0.01000,XX,10.0000,M,FUTIDX,,NIFTY,',
      'NSE,D,60001,OPTIDX,0,NIFTY-Dec2026-25000-CE,65.0,NIFTY 29 DEC 25000 CALL,2026-12-29 14:30:00,25000.00000,CE,5.0000,M,OPTIDX,,NIFTY,',
    );
    expect(
      rows.map(({ exchange, dhanSecurityId, type, expiry, strike, tickSize, lotSize }) => [
        exchange,
        dhanSecurityId,
        type,
        expiry,
        strike,
        tickSize,
        lotSize,
      ]),
    ).toEqual([
      ['INDICES', 13, 'INDEX', null, null, 1, 1],
      ['NSE', 1333, 'EQ', null, null, 5, 1],
      ['NFO', 52714, 'FUT', '2026-12-29', null, 10, 65],
      ['NFO', 60001, 'CE', '2026-12-29', 2_500_000, 5, 65],
    ]);
  });
});

describe('both', () => {
  it('give a third instrument of one symbol a name that nobody has', () => {
    const { instruments } = joinMasters(
      kite(
        '408065,1594,INFY,INFOSYS,0.0,,0.0,0.1,1,EQ,NSE,NSE',
        '408321,1595,INFY,INFOSYS,0.0,,0.0,0.1,1,EQ,NSE,NSE',
        '408321,1595,INFY,INFOSYS,0.0,,0.0,0.1,1,EQ,NSE,NSE',
      ),
      [],
    );
    expect(instruments.map(({ symbol }) => symbol)).toEqual(['INFY', 'INFY.1595', 'INFY.1595.2']);
  });

  it('meet at the exchange’s own number; symbols are Kite’s', () => {
    const { instruments, joined, exchanges, unjoined } = joinMasters(
      kite(
        '13494786,52714,NIFTY26DECFUT,NIFTY,0.0,2026-12-29,0.0,0.1,65,FUT,NFO-FUT,NFO',
        '256265,1001,NIFTY 50,NIFTY 50,0.0,,0.0,0.0,0,EQ,INDICES,NSE',
        '408065,1594,INFY,INFOSYS,0.0,,0.0,0.1,1,EQ,NSE,NSE',
      ),
      dhan(
        'NSE,D,52714,FUTIDX,0,NIFTY-Dec2026-FUT,65.0,NIFTY DEC FUT,2026-12-29 14:30:00,-0.01,XX,10.0,M,FUTIDX,,NIFTY',
        'NSE,I,13,INDEX,0,NIFTY,1.0,Nifty 50,,,XX,0.0500,,INDEX,X,NIFTY',
        'NSE,E,52714,EQUITY,0,OTHER,1.0,Other,,,,5.0000,NA,ES,EQ,OTHER LTD',
      ),
    );
    expect(
      instruments.map(
        ({ exchange, symbol, dhanSegment, dhanSecurityId }) => `${exchange}:${symbol} ${dhanSegment} ${dhanSecurityId}`,
      ),
    ).toEqual([
      'NFO:NIFTY26DECFUT NSE_FNO 52714',
      'INDICES:NIFTY 50 IDX_I 13',
      'NSE:INFY null null',
      // The same number in another segment is another instrument.
      'NSE:OTHER NSE_EQ 52714',
    ]);
    expect(joined).toBe(2);
    expect(exchanges).toEqual({
      NFO: { kite: 1, dhan: 1, joined: 1 },
      INDICES: { kite: 1, dhan: 1, joined: 1 },
      NSE: { kite: 1, dhan: 1, joined: 0 },
    });
    expect(unjoined).toEqual([
      {
        broker: 'kite',
        exchange: 'NSE',
        symbol: 'INFY',
        number: 1594,
        reason: 'Dhan lists neither the number nor the symbol',
      },
      {
        broker: 'dhan',
        exchange: 'NSE',
        symbol: 'OTHER',
        number: 52714,
        reason: 'Kite lists neither the number nor the symbol',
      },
    ]);
  });

  it('tell indices by name, however they are written', () => {
    const { instruments } = joinMasters(
      kite(
        '257801,1007,NIFTY FIN SERVICE,NIFTY FIN SERVICE,0.0,,0.0,0.0,0,EQ,INDICES,NSE',
        '259849,1015,NIFTY IT,NIFTY IT,0.0,,0.0,0.0,0,EQ,INDICES,NSE',
        '268041,1047,NIFTY 500,NIFTY 500,0.0,,0.0,0.0,0,EQ,INDICES,NSE',
      ),
      dhan(
        'NSE,I,27,INDEX,0,FINNIFTY,1.0,Finnifty,,,XX,0.0500,,INDEX,X,FINNIFTY',
        'NSE,I,29,INDEX,0,NIFTYIT,1.0,Nifty IT,,,XX,0.0500,,INDEX,X,NIFTYIT',
        // Kite's number of one index is Dhan's of another.
        'NSE,I,1047,INDEX,0,OTHER,1.0,Other,,,XX,0.0500,,INDEX,X,OTHER',
      ),
    );
    expect(instruments.map(({ symbol, dhanSecurityId }) => [symbol, dhanSecurityId])).toEqual([
      ['NIFTY FIN SERVICE', 27],
      ['NIFTY IT', 29],
      ['NIFTY 500', null],
      ['OTHER', 1047],
    ]);
  });

  it('keep apart what has one symbol', () => {
    const { instruments } = joinMasters(
      [],
      dhan(
        'BSE,I,99,INDEX,0,CAPINS,1.0,Capital Markets,,,XX,0.05,,INDEX,X,CAPINS',
        'BSE,I,846,INDEX,0,CAPINS,1.0,Capital Goods,,,XX,0.05,,INDEX,X,CAPINS',
      ),
    );
    expect(instruments.map(({ symbol }) => symbol)).toEqual(['CAPINS', 'CAPINS.846']);
  });
});

describeWithShared('data', 'real dumps', () => {
  const csv = (name: string): string => gunzipSync(readShared('data', 'nse-reference', name)).toString('utf8');

  it('load whole, and a contract’s token holds its exchange token', () => {
    const futures = read(csv('kite_instruments_nfo_bfo_20260818.csv.gz'), kiteInstrument);
    expect(futures.filter(({ exchange }) => exchange === 'NFO').length).toBe(35_683);
    expect(futures.filter(({ exchange }) => exchange === 'BFO').length).toBe(4258);
    expect(futures.find(({ symbol }) => symbol === 'NIFTY26SEPFUT')).toMatchObject({
      lotSize: 65,
      tickSize: 10,
      expiry: '2026-09-29',
    });

    const cash = read(csv('dhan_scrip_master_cash_20260629.csv.gz'), dhanInstrument);
    expect(cash.find(({ exchange, symbol }) => exchange === 'NSE' && symbol === 'HDFCBANK')).toMatchObject({
      dhanSecurityId: 1333,
    });
    const kiteCash = read(csv('kite_instruments_nse_20240116.csv.gz'), kiteInstrument);
    const joined = joinMasters(kiteCash, cash).instruments.find(
      ({ exchange, symbol }) => exchange === 'NSE' && symbol === 'RELIANCE',
    );
    expect(joined).toMatchObject({ kiteToken: 738_561, dhanSecurityId: 2885 });
  });
});
