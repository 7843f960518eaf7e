/** Readers and publication rules, on recordings made here. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import { istMidnightUs } from '../../lib/core/ist.ts';
import { ASK, BID, type Side, SideLevels } from '../../lib/core/side.ts';
import { RECORD, segmentHeader, segmentName, writeRecord } from '../../lib/journal/format.ts';
import { listed } from '../../lib/recordings/listing.ts';
import { RecordingError } from '../../lib/recordings/recording.ts';
import type { ReplayMarket } from '../../lib/recordings/replay-market.ts';
import { encodeDhanDepth } from '../../lib/wire/dhan-depth.ts';
import { KITE_BYTES, KITE_FIELD } from '../../lib/wire/kite.ts';
import { encodeKiteFrame, kitePacket } from '../../lib/wire/kite-encode.ts';
import { openReplay } from './open.ts';

/** A folder that ends with the test; its name ends with the recording's date. */
function recordingFolder(): string {
  const root = mkdtempSync(path.join(os.tmpdir(), 'gehra-replay-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  const folder = path.join(root, 'made-20230711');
  mkdirSync(folder);
  return folder;
}

function fileIn(folder: string, name: string, lines: readonly string[], newline = '\n'): string {
  const file = path.join(folder, name);
  const text = lines.join(newline) + newline;
  writeFileSync(file, name.endsWith('.gz') ? gzipSync(text) : text);
  return file;
}

const SHANGHAI = 'seq,ms,kind,side,order_no,buy_no,sell_no,price,qty';
const shanghaiFile = (events: readonly string[], newline?: string): string =>
  fileIn(recordingFolder(), '600001sh_events.csv.gz', [SHANGHAI, ...events], newline);

const sideText = ({ count, prices, quantities, orders }: SideLevels): string =>
  Array.from({ length: count }, (_, i) => `${prices[i]}:${quantities[i]}/${orders[i]}`).join(' ');

/** Everything that is published, as lines. */
async function published(market: ReplayMarket): Promise<string[]> {
  const lines: string[] = [];
  const now = (): string => String(market.recording.now());
  for (;;) {
    if (market.loading !== null) {
      await market.loading;
      continue;
    }
    if (market.nextUs() === Infinity) return lines;
    market.advance(market.nextUs(), {
      book: (i) => lines.push(`${now()} book ${sideText(market.levels(i, BID))} | ${sideText(market.levels(i, ASK))}`),
      tick: (i) => {
        const { lastPrice, lastQuantity, volume, averagePrice } = market.quote(i);
        lines.push(`${now()} tick ${lastPrice} x ${lastQuantity}, ${volume} at ${averagePrice}`);
      },
    });
  }
}

describe('Shanghai, order by order', () => {
  it('publishes once for each time, after everything of it, crossed books too', async () => {
    const market = await openReplay(
      shanghaiFile(
        [
          '1,33300010,O,B,1,,,10.100,300',
          '2,33300010,O,S,2,,,10.050,200',
          '3,33300020,O,S,3,,,10.200,500',
          // The auction: both sides give.
          '4,33900000,T,N,,1,2,10.100,200',
          // An aggressive buyer takes 100 of order 3; its remainder never rests.
          '5,34200000,T,B,,9,3,10.200,100',
          '6,34200000,C,B,1,,,10.100,100',
        ],
        '\r\n',
      ),
    );
    expect(market.instruments[0]).toMatchObject({ slug: 'NSE:SH600001', tickSize: 1, kiteToken: 600_001 * 256 + 1 });
    expect(await published(market)).toEqual([
      '33300010 book 1010:300/1 | 1005:200/1',
      '33300020 book 1010:300/1 | 1005:200/1 1020:500/1',
      '33900000 tick 1010 x 200, 200 at 1010',
      '33900000 book 1010:100/1 | 1020:500/1',
      '34200000 tick 1020 x 100, 300 at 1013',
      '34200000 book  | 1020:400/1',
    ]);
    expect(market.nowUs).toBe(Date.parse('2023-07-11T01:30:00Z') * 1000);
  });

  it('gives each trade of one time a packet of its own', async () => {
    const market = await openReplay(
      shanghaiFile(['1,1000,O,S,1,,,10.00,500', '2,2000,T,B,,8,1,10.00,100', '3,2000,T,B,,8,1,10.00,50']),
    );
    expect((await published(market)).filter((line) => line.includes('tick'))).toEqual([
      '2000 tick 1000 x 100, 100 at 1000',
      '2000 tick 1000 x 50, 150 at 1000',
    ]);
  });

  it('reads times of its own clock and of the market', async () => {
    const { recording } = await openReplay(shanghaiFile(['1,1000,O,S,1,,,10.00,500']));
    expect(recording.parse('34200000')).toBe(34_200_000);
    expect(recording.parse(String(Date.parse('2023-07-11T01:30:00Z') * 1000))).toBe(34_200_000);
    expect(recording.parse('yesterday')).toBeNull();
    expect(recording.parse('1')).toBe(1);
    expect(recording.parse(String(istMidnightUs('2026-11-24')))).toBeNull();
  });

  it.each([
    ['a price between two paise', '1,1000,O,B,1,,,10.005,100', /price is 10.005/],
    ['an order that is not there', '1,1000,C,B,7,,,10.00,100', /not there/],
    ['an unknown kind', '1,1000,X,B,7,,,10.00,100', /no Shanghai event/],
    ['no side', '1,1000,O,,7,,,10.00,100', /no side/],
  ])('refuses %s', async (_, line, message) => {
    const play = async (): Promise<unknown> => published(await openReplay(shanghaiFile([line])));
    await expect(play()).rejects.toThrow(message);
  });
});

describe('Binance', () => {
  const line = (ns: string, message: unknown): string => `${ns} ${JSON.stringify(message)}`;
  const depth = (ns: string, U: number, u: number, b: string[][], a: string[][], pu?: number): string =>
    line(ns, {
      stream: 'ethusdt@depth@100ms',
      data: { e: 'depthUpdate', s: 'ETHUSDT', U, u, b, a, ...(pu ? { pu } : {}) },
    });
  const snapshot = (ns: string, lastUpdateId: number, bids: string[][], asks: string[][]): string =>
    line(ns, { lastUpdateId, bids, asks });
  const START = 1_723_161_254_000_000_000n;
  const at = (ms: number): string => String(START + BigInt(ms) * 1_000_000n);
  const record = (lines: readonly string[]): string => fileIn(recordingFolder(), 'raw.jsonl.gz', lines);

  it('begins with the snapshot and the differences that follow on it', async () => {
    const market = await openReplay(
      record([
        depth(at(0), 1, 9, [['99.00', '1.0']], []),
        depth(at(1), 10, 12, [['99.50', '7.0']], [['101.00', '0.00000000']]),
        snapshot(
          at(2),
          10,
          [['99.00', '2.50000000']],
          [
            ['101.00', '1.0'],
            ['102.00', '0.0001'],
          ],
        ),
        line(at(3), { stream: 'ethusdt@bookTicker', data: { s: 'ETHUSDT', b: '1', B: '1', a: '2', A: '1' } }),
        depth(at(4), 13, 13, [['99.00', '0.00']], []),
        depth(at(5), 14, 14, [['99.50', '7.0']], []),
        line(at(6), { stream: 'ethusdt@trade', data: { s: 'ETHUSDT', p: '102.00', q: '0.0345', m: false } }),
      ]),
    );
    const lines = await published(market);
    expect(lines.map((text) => text.replace(/^\d+ /, ''))).toEqual([
      'book 9950:70000/0 9900:25000/0 | 10200:1/0',
      // Without a change there is no book.
      'book 9950:70000/0 | 10200:1/0',
      'tick 10200 x 345, 345 at 10200',
    ]);
    expect(market.recording.parse(at(6))).toBe(market.recording.now());
    expect(market.recording.parse(String((START + 6_000_000n) / 1000n))).toBe(market.recording.now());
    expect(market.instruments[0]).toMatchObject({ slug: 'NSE:ETHUSDT', quantityScale: 10_000 });
    expect(market.instruments[0]?.scaling).toContain('1/10000');
  });

  it.each([
    ['a missing difference', [snapshot(at(0), 10, [], []), depth(at(1), 11, 12, [], []), depth(at(2), 14, 15, [], [])]],
    [
      'a missing difference of futures',
      [snapshot(at(0), 10, [], []), depth(at(1), 11, 12, [], [], 9), depth(at(2), 13, 15, [], [], 11)],
    ],
    ['a difference later than the snapshot', [snapshot(at(0), 10, [], []), depth(at(1), 13, 14, [], [])]],
  ])('refuses %s', async (_, lines) => {
    // The first line tells the symbol.
    const first = depth(at(0), 1, 2, [], []);
    const play = async (): Promise<unknown> => published(await openReplay(record([first, ...lines])));
    await expect(play()).rejects.toThrow(/difference is missing/);
  });
});

describe('NSE summaries', () => {
  it('replays what was observed of ticks, and no more', async () => {
    const market = await openReplay(
      fileIn(recordingFolder(), 'ticks.csv', [
        'time,trading_symbol,last_price,volume_delta,aggressor_side,cvd_change,oi,oi_delta,depth_toxicity_tick,kyle_lambda_tick',
        '2025-12-29 04:06:44+00,,26097.80,415425,BUY,415425,10337325,-3553950,0.9893,0.000095',
        '2025-12-29 04:06:45+00,,26093.40,375,BUY,375,10337400,0,0.0769,0.000000',
      ]),
    );
    expect(await published(market)).toEqual([
      '1766981204000000 tick 2609780 x 0, 0 at 0',
      '1766981205000000 tick 2609340 x 0, 0 at 0',
    ]);
    expect(market.quote(0)).toMatchObject({ oi: 10_337_400, oiDayHigh: 10_337_400, oiDayLow: 10_337_325, volume: 0 });
    expect(market.instruments[0]?.scaling).toContain('no book');
  });

  it('rounds the noise of float32 to the tick, and keeps totals that are not the sum of five levels', async () => {
    const columns = 'time,type,ltp,volume,oi,ltq,atp,total_buy_qty,total_sell_qty,open,high,low,close'.split(',');
    const levels = [1, 2, 3, 4, 5].flatMap((n) => [
      `bid_price_${n}`,
      `bid_qty_${n}`,
      ...(n === 1 ? ['bid_orders_1'] : []),
      `ask_price_${n}`,
      `ask_qty_${n}`,
      ...(n === 1 ? ['ask_orders_1'] : []),
    ]);
    const market = await openReplay(
      fileIn(recordingFolder(), 'full.csv', [
        [...columns, ...levels].join(','),
        '2025-12-29 12:47:02.553384,full,25974.900390625,3333675,11148150,75,26024.109375,309225,421350,26080.0,26100.19921875,25972.400390625,26060.19921875,25974.80078125,525,7,25980.0,300,3,25974.69921875,600,25980.900390625,600,,,,,,,,,,,,',
        '2025-12-29 12:47:02.555390,oi,,,11148150,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,',
      ]),
    );
    expect(await published(market)).toEqual([
      '1766992622553384 tick 2597490 x 75, 3333675 at 2602411',
      '1766992622553384 book 2597480:525/7 2597470:600/0 | 2598000:300/3 2598090:600/0',
    ]);
    expect(market.quote(0)).toMatchObject({ buyQuantity: 309_225, sellQuantity: 421_350, previousClose: 2_606_020 });
  });
});

describe('our own journal', () => {
  const FUTURE = listed({
    exchange: 'NFO',
    symbol: 'NIFTY26DECFUT',
    name: 'NIFTY',
    type: 'FUT',
    expiry: '2026-12-29',
    exchangeToken: 52_714,
    tickSize: 10,
    lotSize: 65,
  });

  /** A journal segment with an opening event and frames. */
  function segment(folder: string, feed: string, feedId: number, frames: readonly (readonly [number, Buffer])[]): void {
    const [first] = frames;
    if (!first) throw new Error('a segment has at least one frame');
    const dir = path.join(folder, feed, '2026-11-25');
    mkdirSync(dir, { recursive: true });
    const opened = Buffer.from(
      JSON.stringify({ type: 'opened', feed, instruments: [{ id: 1, ...FUTURE }], state: null }),
    );
    const bytes = Buffer.alloc(1_000_000);
    let end = writeRecord(bytes, 0, first[0] - 1, RECORD.event, opened);
    for (const [stampUs, frame] of frames) end = writeRecord(bytes, end, stampUs, RECORD.frame, frame);
    writeFileSync(
      path.join(dir, segmentName(first[0] - 1)),
      Buffer.concat([segmentHeader(feedId), bytes.subarray(0, end)]),
    );
  }

  function depthFrame(side: Side, price: number): Buffer {
    const levels = new SideLevels();
    levels.count = 1;
    levels.prices[0] = price;
    levels.quantities[0] = 650;
    levels.orders[0] = 3;
    return encodeDhanDepth(200, 2, FUTURE.dhanSecurityId, side, levels);
  }

  function tickFrame(price: number, volume: number): Buffer {
    const packet = kitePacket(KITE_BYTES.full);
    packet.words[KITE_FIELD.token] = FUTURE.kiteToken;
    packet.words[KITE_FIELD.lastPrice] = price;
    packet.words[KITE_FIELD.lastQuantity] = 65;
    packet.words[KITE_FIELD.averagePrice] = price;
    packet.words[KITE_FIELD.volume] = volume;
    packet.words[KITE_FIELD.buyQuantity] = 1234;
    return encodeKiteFrame([packet]);
  }

  it('merges feeds by their stamps and gives each frame its place', async () => {
    const folder = recordingFolder();
    const t0 = istMidnightUs('2026-11-25') + 10 * 3600e6;
    segment(folder, 'dhan-depth200-1', 31, [
      [t0, depthFrame(BID, 2_600_000)],
      [t0 + 10, depthFrame(ASK, 2_600_100)],
      [t0 + 200_000, depthFrame(BID, 2_600_050)],
    ]);
    segment(folder, 'kite-ticks-1', 1, [
      [t0 + 5, Buffer.from([0])],
      [t0 + 50, tickFrame(2_600_100, 650)],
      [t0 + 300_000, tickFrame(2_600_050, 715)],
    ]);
    const market = await openReplay(folder);
    expect(market.instruments.map(({ slug }) => slug)).toEqual(['NFO:NIFTY26DECFUT']);
    expect(await published(market)).toEqual([
      `${t0} book 2600000:650/3 | `,
      `${t0 + 10} book 2600000:650/3 | 2600100:650/3`,
      `${t0 + 50} tick 2600100 x 65, 650 at 2600100`,
      `${t0 + 200_000} book 2600050:650/3 | 2600100:650/3`,
      `${t0 + 300_000} tick 2600050 x 65, 715 at 2600050`,
    ]);
    expect(market.quote(0).buyQuantity).toBe(1234);
    expect(market.recording.parse(String(t0))).toBe(t0);
  });
});

describe('what is no recording', () => {
  it('says so in one sentence', async () => {
    const folder = recordingFolder();
    await expect(openReplay(path.join(folder, 'nothing'))).rejects.toThrow(/there is no recording at/);
    await expect(openReplay(folder)).rejects.toThrow(/holds no recording/);
    const odd = fileIn(folder, 'odd.csv', ['a,b,c', '1,2,3']);
    await expect(openReplay(odd)).rejects.toThrow(/no recording that is known here: it begins with "a,b,c"/);
    const broken = path.join(folder, 'raw.jsonl.gz');
    writeFileSync(broken, 'this is no gzip');
    await expect(openReplay(broken)).rejects.toThrow(RecordingError);
    const empty = fileIn(folder, '600001sh_events.csv', [SHANGHAI]);
    await expect(openReplay(empty)).rejects.toThrow(/there is nothing in it/);
    await expect(openReplay(folder)).rejects.toThrow(/several recordings: name one of/);
  });

  it('needs to know the day and the stock', async () => {
    const root = mkdtempSync(path.join(os.tmpdir(), 'gehra-replay-'));
    onTestFinished(() => rmSync(root, { recursive: true }));
    const undated = path.join(root, 'shanghai');
    mkdirSync(undated);
    await expect(openReplay(fileIn(undated, '600001sh_events.csv', [SHANGHAI]))).rejects.toThrow(/end with the date/);
    await expect(openReplay(fileIn(recordingFolder(), 'events.csv', [SHANGHAI]))).rejects.toThrow(/stock's code/);
  });
});
