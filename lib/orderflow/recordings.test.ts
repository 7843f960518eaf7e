/** Real markets: trades become the bars that an independent program made of them, and flow explains prices as it found. */
import { expect, it } from 'vitest';
import { openReplay } from '../../simulator/replay/open.ts';
import {
  binanceTrades,
  linesOf,
  SHANGHAI_MIDNIGHT_US,
  shanghaiTrades,
  tableOf,
} from '../../tests/support/real-trades.ts';
import { describeWithShared, sharedPath } from '../../tests/support/shared.ts';
import { isPresent } from '../core/absent.ts';
import { ASK, BID, type SideLevels } from '../core/side.ts';
import { type Bar, BarBuilder, type Trade } from './bars.ts';
import { Footprint } from './footprint.ts';
import { regress } from './kyle-lambda.ts';
import { ofiOf, RankedOfi } from './order-flow-imbalance.ts';

const SECOND_US = 1_000_000;
/** Bars by time, each with a footprint made of the same trades. */
function barsWithFootprints(trades: readonly Trade[], us: number): { bar: Bar; footprint: Footprint }[] {
  const builder = new BarBuilder({ by: 'time', us });
  const result: { bar: Bar; footprint: Footprint }[] = [];
  let footprint = new Footprint(1);
  const keep = (bar: Bar | null): void => {
    if (!bar) return;
    result.push({ bar, footprint });
    footprint = new Footprint(1);
  };
  for (const trade of trades) {
    keep(builder.add(trade));
    footprint.add(trade.price, trade.quantity, trade.aggressor);
  }
  keep(builder.current);
  return result;
}

interface Case {
  readonly name: string;
  readonly folder: string;
  readonly bars: string;
  readonly trades: () => Trade[];
  readonly barUs: number;
  /** Beginning of a reference bar. */
  readonly fromUs: (row: Record<string, number>) => number;
  readonly quantityScale: number;
}

const CASES: readonly Case[] = [
  ...(['600536', '601825'] as const).map((code) => ({
    name: `Shanghai ${code}`,
    folder: 'sse-l3-20230711',
    bars: `${code}sh_ref_bars_10s.csv.gz`,
    trades: () => shanghaiTrades(code),
    barUs: 10 * SECOND_US,
    fromUs: (row: Record<string, number>) => SHANGHAI_MIDNIGHT_US + (row.ms_start as number) * 1000,
    quantityScale: 1,
  })),
  ...(
    [
      ['binance-spot-ethusdt-20240808', 10_000],
      ['binance-coinm-btcusd_perp-20240808', 1],
    ] as const
  ).map(([folder, quantityScale]) => ({
    name: folder,
    folder,
    bars: 'ref_bars_1s.csv.gz',
    trades: () => binanceTrades(folder, quantityScale),
    barUs: SECOND_US,
    fromUs: (row: Record<string, number>) => (row.recv_s as number) * SECOND_US,
    quantityScale,
  })),
];

for (const { name, folder, bars, trades, barUs, fromUs, quantityScale } of CASES) {
  describeWithShared(`data/${folder}`, `${name}`, () => {
    it('trades make the reference bars, and footprints hold what their bars hold', () => {
      const ours = new Map(barsWithFootprints(trades(), barUs).map((one) => [one.bar.fromUs, one]));
      const reference = tableOf('data', folder, bars).filter((row) => (row.trades as number) > 0);
      expect(reference.length).toBeGreaterThan(400);
      for (const row of reference) {
        const one = ours.get(fromUs(row));
        if (!one) throw new Error(`no bar at ${fromUs(row)}`);
        const { bar, footprint } = one;
        const units = (column: string): number => Math.round((row[column] as number) * quantityScale);
        const price = (column: string): number => Math.round((row[column] as number) * 100);
        expect(
          [bar.open, bar.high, bar.low, bar.close, bar.volume, bar.buy, bar.sell, bar.trades],
          `bar at ${bar.fromUs}`,
        ).toEqual([
          price('open'),
          price('high'),
          price('low'),
          price('close'),
          units('volume'),
          units('buy_volume'),
          units('sell_volume'),
          row.trades,
        ]);
        const sum = (of: 'buy' | 'sell' | 'unknown'): number =>
          footprint.rows().reduce((total, cell) => total + cell[of], 0);
        expect([sum('buy'), sum('sell'), sum('unknown')]).toEqual([bar.buy, bar.sell, bar.unknown]);
      }
      // What the reference leaves out, the call auctions of Shanghai, has no side.
      const listed = new Set(reference.map(fromUs));
      for (const { bar } of ours.values()) if (!listed.has(bar.fromUs)) expect(bar.unknown).toBe(bar.volume);
    });
  });
}

interface FlowBar {
  ofi: number;
  mid: number;
}

/** Changes of the mid from bar to bar against the flow within them. */
function r2Of(bars: readonly FlowBar[]): number {
  const changes = bars.slice(1).map(({ mid }, i) => mid - (bars[i] as FlowBar).mid);
  return regress(
    bars.slice(1).map(({ ofi }) => ofi),
    changes,
  ).r2;
}

/** Each two-sided book of a recording, replayed, with the recording's own time since midnight: ns, of Shanghai ms. */
async function eachBook(
  folder: string,
  file: string,
  take: (time: number, bids: SideLevels, asks: SideLevels) => void,
): Promise<void> {
  const market = await openReplay(sharedPath('data', folder, file));
  for (;;) {
    if (market.loading !== null) {
      await market.loading;
      continue;
    }
    if (market.nextUs() === Infinity) break;
    market.advance(market.nextUs(), {
      book: () => {
        const [bids, asks] = [market.levels(0, BID), market.levels(0, ASK)];
        if (bids.count > 0 && asks.count > 0) take(market.recording.now(), bids, asks);
      },
      tick: () => undefined,
    });
  }
  await market.close();
}

/** The same by ten seconds, as the READMEs count them: from each tenth second of the clock. */
function inTens(seconds: ReadonlyMap<number, FlowBar>): FlowBar[] {
  const tens = new Map<number, FlowBar>();
  for (const [second, { ofi, mid }] of seconds) {
    const start = Math.floor(second / 10);
    tens.set(start, { ofi: ofi + (tens.get(start)?.ofi ?? 0), mid });
  }
  return [...tens.values()];
}

for (const { folder, quotes, books } of [
  { folder: 'binance-spot-ethusdt-20240808', quotes: [0.75, 0.829], books: [0.505, 0.631] },
  { folder: 'binance-coinm-btcusd_perp-20240808', quotes: [0.593, 0.671], books: [0.533, 0.649] },
] as const) {
  describeWithShared(`data/${folder}`, `OFI of ${folder}`, () => {
    const near = (seconds: ReadonlyMap<number, FlowBar>, [one, ten]: readonly [number, number]): void => {
      expect(Math.abs(r2Of([...seconds.values()]) - one)).toBeLessThan(0.02);
      expect(Math.abs(r2Of(inTens(seconds)) - ten)).toBeLessThan(0.02);
    };

    it('of its best quotes explains the mid as an independent program found', () => {
      const seconds = new Map<number, FlowBar>();
      let before: [number, number, number, number] | null = null;
      for (const line of linesOf('data', folder, 'raw.jsonl.gz')) {
        if (!line.includes('@bookTicker"')) continue;
        const { b, B, a, A } = (JSON.parse(line.slice(20)) as { data: Record<'b' | 'B' | 'a' | 'A', string> }).data;
        const quote: [number, number, number, number] = [Number(b), Number(B), Number(a), Number(A)];
        const second = Math.floor(Number(line.slice(0, 16)) / SECOND_US);
        const bar = seconds.get(second) ?? { ofi: 0, mid: 0 };
        seconds.set(second, bar);
        if (before) bar.ofi += ofiOf(...before, ...quote);
        bar.mid = (quote[0] + quote[2]) / 2;
        before = quote;
      }
      for (const row of tableOf('data', folder, 'ref_bars_1s.csv.gz')) {
        const bar = seconds.get(row.recv_s as number);
        if (bar) expect(bar.ofi).toBeCloseTo(row.ofi_bookticker as number, 3);
      }
      near(seconds, quotes);
    });

    it('of its books, replayed, explains the mid as an independent program found', { timeout: 60_000 }, async () => {
      const seconds = new Map<number, FlowBar>();
      const ofi = new RankedOfi(1);
      await eachBook(folder, 'raw.jsonl.gz', (time, bids, asks) => {
        const second = Math.floor(time / 1e9);
        ofi.push(bids, asks);
        const bar = seconds.get(second) ?? { ofi: 0, mid: 0 };
        seconds.set(second, {
          ofi: bar.ofi + (ofi.byRank[0] as number),
          mid: ((bids.prices[0] as number) + (asks.prices[0] as number)) / 200,
        });
      });
      near(seconds, books);
    });
  });
}

describeWithShared('data/sse-l3-20230711', 'OFI of a Shanghai day, replayed', () => {
  it.each([
    { code: '600536', r2: 0.412, halfHours: 8 },
    { code: '601825', r2: 0.206, halfHours: 4 },
  ])(
    'explains the mid of $code in ten seconds as an independent program found',
    { timeout: 60_000 },
    async ({ code, r2, halfHours }) => {
      const tens = new Map<number, FlowBar>();
      const ofi = new RankedOfi(1);
      await eachBook('sse-l3-20230711', `${code}sh_events.csv.gz`, (time, bids, asks) => {
        const ms = Math.floor(time / 10_000) * 10_000;
        ofi.push(bids, asks);
        const bar = tens.get(ms) ?? { ofi: 0, mid: 0 };
        tens.set(ms, {
          ofi: bar.ofi + (ofi.byRank[0] as number),
          mid: ((bids.prices[0] as number) + (asks.prices[0] as number)) / 200,
        });
      });
      const reference = tableOf('data/sse-l3-20230711', `${code}sh_ref_bars_10s.csv.gz`);
      const exact = reference.filter((row) => tens.get(row.ms_start as number)?.ofi === row.ofi_l1).length;
      expect(exact / reference.length).toBeGreaterThan(0.99);
      const byHalfHour = new Map<number, FlowBar[]>();
      for (const row of reference) {
        const half = Math.floor((row.ms_start as number) / 1_800_000);
        byHalfHour.set(half, [...(byHalfHour.get(half) ?? []), tens.get(row.ms_start as number) as FlowBar]);
      }
      // A half hour in which the mid stood still says nothing.
      const r2s = [...byHalfHour.values()].map(r2Of).filter(isPresent);
      expect(r2s).toHaveLength(halfHours);
      expect(Math.abs(r2s.reduce((sum, value) => sum + value, 0) / r2s.length - r2)).toBeLessThan(0.02);
    },
  );
});
