/** Trades of the recordings in shared/data, with the sides that those tell, and tables beside them. */
import { gunzipSync } from 'node:zlib';
import { ABSENT } from '../../lib/core/absent.ts';
import { AGGRESSOR, type Aggressor } from '../../lib/core/aggressor.ts';
import type { Trade } from '../../lib/orderflow/bars.ts';
import { readShared } from './shared.ts';

const SECOND_US = 1_000_000;
/** China is two and a half hours ahead of India. */
const CHINA_OFFSET_US = 8 * 3600 * SECOND_US;
export const SHANGHAI_MIDNIGHT_US = Date.UTC(2023, 6, 11) * 1000 - CHINA_OFFSET_US;

/** Lines of a compressed text. */
export const linesOf = (...parts: string[]): string[] =>
  gunzipSync(readShared(...parts))
    .toString('utf8')
    .trim()
    .split(/\r?\n/);

/** Rows of a compressed CSV file of numbers, by column. */
export function tableOf(...parts: string[]): Record<string, number>[] {
  const [header = '', ...rows] = linesOf(...parts);
  const columns = header.split(',');
  return rows.map((row) => Object.fromEntries(row.split(',').map((field, i) => [columns[i] as string, Number(field)])));
}

const traded = (stampUs: number, price: string, quantity: number, aggressor: Aggressor): Trade => ({
  stampUs,
  price: Math.round(Number(price) * 100),
  quantity,
  aggressor,
  oi: ABSENT,
});

/** @param quantityScale units in one of the recording's */
export function binanceTrades(folder: string, quantityScale: number): Trade[] {
  return linesOf('data', folder, 'raw.jsonl.gz').flatMap((line) => {
    if (!line.includes('@trade"')) return [];
    const { p, q, m } = (JSON.parse(line.slice(20)) as { data: { p: string; q: string; m: boolean } }).data;
    const quantity = Math.round(Number(q) * quantityScale);
    return [traded(Number(line.slice(0, 16)), p, quantity, m ? AGGRESSOR.sell : AGGRESSOR.buy)];
  });
}

/** @param code of the stock; trades of call auctions have no side */
export function shanghaiTrades(code: string): Trade[] {
  return linesOf('data', 'sse-l3-20230711', `${code}sh_events.csv.gz`).flatMap((line) => {
    const [, ms, kind, side, , , , price = '', quantity] = line.split(',');
    if (kind !== 'T') return [];
    const aggressor = side === 'B' ? AGGRESSOR.buy : side === 'S' ? AGGRESSOR.sell : AGGRESSOR.unknown;
    return [traded(SHANGHAI_MIDNIGHT_US + Number(ms) * 1000, price, Number(quantity), aggressor)];
  });
}
