/** Labels of a real day: how they are read, moved, and what fits them. All of it is made up here. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ASK, BID } from '../../lib/core/side.ts';
import { RECORD } from '../../lib/journal/format.ts';
import type { Signal, SignalKind } from '../../lib/signals/signal.ts';
import { TouchHistory } from '../../lib/signals/touch-history.ts';
import { runRecording } from './market-run.ts';
import { type KindScore, score } from './score.ts';
import { readLabels, scoreShanghai, shifted } from './shanghai.ts';

const MIDNIGHT_MS = Date.parse('2023-07-11T00:00:00+08:00');
const us = (ms: number): number => (MIDNIGHT_MS + ms) * 1000;
/** 10:00. */
const TEN = 36_000_000;

const ABSORPTION = `ms_start,ms_end,side,price,traded_at_level,max_displayed,outcome
${TEN},${TEN + 4000},B,50.10,5000,3000,broke
${TEN + 60_000},${TEN + 61_000},S,50.300,6000,2700,held
`;
const PULLED = `seq_add,ms_add,seq_cancel,ms_cancel,side,price,qty,level_at_add,life_ms
5,${TEN},9,${TEN + 1000},S,50.290,5400,2,1000
`;

const found = (kind: SignalKind, atMs: number, side: 'bid' | 'ask', price: number): Signal => ({
  id: `${kind} ${atMs}`,
  kind,
  detector: 'test@1',
  parameters: '',
  instrumentId: 1,
  feedId: 31,
  fromUs: us(atMs),
  toUs: us(atMs),
  foundUs: us(atMs),
  lowPrice: price,
  highPrice: price,
  side,
  size: 1,
  severity: 1,
  confidence: 1,
  cause: {},
  evidence: [],
  quality: { frameMs: 25, tickAgeMs: 0 },
  state: 'once',
});
const of = (scores: readonly KindScore[], kind: SignalKind): KindScore =>
  scores.find((one) => one.kind === kind) as KindScore;

describe('labels', () => {
  it('are read with their side, price and time', () => {
    const [held] = readLabels('absorption', ABSORPTION, MIDNIGHT_MS);
    expect(held).toEqual({
      fromUs: us(TEN),
      toUs: us(TEN + 4000),
      ignore: [],
      claims: [
        {
          kind: 'absorption',
          side: 'bid',
          lowPrice: 5010,
          highPrice: 5010,
          fromUs: us(TEN),
          toUs: us(TEN + 4000),
          size: 0,
        },
      ],
    });
    const [pulled, ...others] = readLabels('large_pulled', PULLED, MIDNIGHT_MS);
    expect(others).toEqual([]);
    expect(pulled?.claims.map(({ kind, side, lowPrice }) => [kind, side, lowPrice])).toEqual([
      ['wall_pulled', 'ask', 5029],
      ['big_pull', 'ask', 5029],
    ]);
  });

  it.each([
    ['of another file', 'absorption', PULLED],
    ['without a side', 'absorption', ABSORPTION.replace(',B,', ',X,')],
    ['that end before they begin', 'absorption', ABSORPTION.replace(String(TEN + 4000), String(TEN - 1))],
    ['without a price', 'large_pulled', PULLED.replace('50.290', 'dear')],
    ['of a fraction of the tick', 'large_pulled', PULLED.replace('50.290', '50.295')],
  ] as const)('are refused %s', (_what, name, text) => {
    expect(() => readLabels(name, text, MIDNIGHT_MS)).toThrow(/no label of absorption|price/);
  });

  it('are met by what fits in side, price and time, once', () => {
    const labels = readLabels('absorption', ABSORPTION, MIDNIGHT_MS);
    const scoreOf = (...signals: Signal[]): KindScore => of(score(signals, labels, 2_000_000, 1), 'absorption');
    expect(scoreOf(found('absorption', TEN + 3000, 'bid', 5011))).toMatchObject({
      truths: 2,
      found: 1,
      wrong: 0,
      latenciesMs: [-1000],
    });
    for (const wrong of [
      found('absorption', TEN + 3000, 'ask', 5010),
      found('absorption', TEN + 3000, 'bid', 5012),
      found('absorption', TEN - 1, 'bid', 5010),
      found('absorption', TEN + 6001, 'bid', 5010),
    ]) {
      expect(scoreOf(wrong)).toMatchObject({ found: 0, wrong: 1 });
    }
    expect(scoreOf(found('big_pull', TEN, 'bid', 5010))).toMatchObject({ found: 0, wrong: 0 });
    const [first, again] = [found('absorption', TEN, 'bid', 5010), found('absorption', TEN + 6000, 'bid', 5009)];
    expect(scoreOf(first, again)).toMatchObject({ found: 1, repeats: 1, wrong: 0 });
  });

  it('are moved within trading, as far from the touch as they were', () => {
    const touches = new TouchHistory();
    for (const [ms, bid, ask] of [
      [TEN, 5010, 5028],
      [TEN + 3_600_000, 5000, 5020],
      [46_800_000, 4990, 5021],
      [50_000_000, 4980, 5005],
    ] as const) {
      touches.push(BID, us(ms), bid);
      touches.push(ASK, us(ms), ask);
    }
    const move = (byMs: number) =>
      shifted(readLabels('large_pulled', PULLED, MIDNIGHT_MS), byMs, MIDNIGHT_MS, touches).map(
        ({ fromUs, toUs, claims }) => [fromUs / 1000 - MIDNIGHT_MS, (toUs - fromUs) / 1000, claims[0]?.lowPrice],
      );
    // One tick behind the best of its side, wherever it goes.
    expect(move(3_600_000)).toEqual([[TEN + 3_600_000, 1000, 5021]]);
    // The pause at noon is no trading.
    expect(move(5_400_000)).toEqual([[46_800_000, 1000, 5022]]);
    // Beyond the end it goes on at 9:30, of which nothing is known here.
    expect(move(5_400_000 + 7_020_000)).toEqual([]);
    expect(move(5_400_000 + 7_020_000 + 1_800_000)).toEqual([[TEN, 1000, 5029]]);
  });
});

describe('a folder', () => {
  let root: string;
  let folder: string;
  const lines: string[] = [];
  const told = (line: string): void => void lines.push(line);
  const put = (name: string, text: string): void =>
    writeFileSync(path.join(folder, `600000sh_${name}.csv.gz`), gzipSync(text));

  beforeAll(() => {
    root = mkdtempSync(path.join(tmpdir(), 'gehra-shanghai-'));
    folder = path.join(root, 'sse-20230711');
    mkdirSync(folder);
    // An order comes every 100 ms for two seconds, from 10:00 on.
    const orders = Array.from({ length: 20 }, (_, i) => {
      const [side, price] = i % 2 === 0 ? ['B', '50.100'] : ['S', '50.280'];
      return `${i + 1},${TEN + 100 * i},O,${side},${i + 1},,,${price},100`;
    });
    put('events', ['seq,ms,kind,side,order_no,buy_no,sell_no,price,qty', ...orders, ''].join('\n'));
    put('labels_absorption', ABSORPTION);
    put('labels_large_pulled', PULLED);
  });
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  it.each([
    [undefined, 20],
    // At the first order's time, and eight times after it.
    [4, 9],
    [1, 3],
  ])('has frames as often as is asked for: %s a second', async (framesPerSecond, books) => {
    const stamps = new Set<number>();
    let frames = 0;
    await runRecording({
      recording: path.join(folder, '600000sh_events.csv.gz'),
      untilUs: us(TEN + 3_600_000),
      ...(framesPerSecond === undefined ? {} : { framesPerSecond }),
      onRecord: (feedId, stampUs, kind) => {
        if (feedId !== 31 || kind !== RECORD.frame) return;
        frames += 1;
        stamps.add(Math.floor(stampUs / 1000));
      },
    });
    // Both sides each time.
    expect([frames, stamps.size]).toEqual([2 * books, books]);
  });

  it('is scored by stock, label, kind and rate', async () => {
    const scores = await scoreShanghai(folder, [1, 4], told);
    expect(lines).toEqual([1, 4].map((rate) => expect.stringMatching(`^600000, ${rate} frames/s: \\d+ signals$`)));
    expect(scores.map(({ code, label, framesPerSecond, real }) => [code, label, real.kind, framesPerSecond])).toEqual(
      [1, 4].flatMap((rate) => [
        ['600000', 'absorption', 'absorption', rate],
        ['600000', 'large_pulled', 'wall_pulled', rate],
        ['600000', 'large_pulled', 'big_pull', rate],
      ]),
    );
    expect(scores.map(({ real: { truths, found: n, wrong } }) => [truths, n, wrong])).toEqual(
      [2, 1, 1, 2, 1, 1].map((truths) => [truths, 0, 0]),
    );
  });

  it('is refused where it has no labels, no stock or no date', async () => {
    await expect(scoreShanghai(root, [1], told)).rejects.toThrow(/does not end with the date/);
    await expect(scoreShanghai(path.join(root, 'empty-20230711'), [1], told)).rejects.toThrow(/no <code>sh_events/);
    rmSync(path.join(folder, '600000sh_labels_absorption.csv.gz'));
    await expect(scoreShanghai(folder, [1], told)).rejects.toThrow(/labels_absorption.csv.gz: there is no such file/);
  });
});
