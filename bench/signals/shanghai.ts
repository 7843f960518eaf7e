/**
 * The detectors on real days of the Shanghai exchange, held against labels that somebody else made from the same orders: per stock
 * `<code>sh_events.csv.gz`, `<code>sh_labels_absorption.csv.gz` and `<code>sh_labels_large_pulled.csv.gz` in a folder whose name ends
 * with the date. The price of a label is that of the level, its side that of the book.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import { ASK, BID } from '../../lib/core/side.ts';
import { RecordingError, scaled } from '../../lib/recordings/recording.ts';
import { shanghaiDay } from '../../lib/recordings/shanghai.ts';
import type { SignalKind } from '../../lib/signals/signal.ts';
import { TouchHistory } from '../../lib/signals/touch-history.ts';
import { Random } from '../../simulator/market/random.ts';
import { openReplay } from '../../simulator/replay/open.ts';
import { runRecording } from './market-run.ts';
import { graceUs, type KindScore, score, type Truth, together } from './score.ts';

/** The kinds that say what a label says, by the label's name. */
export const LABEL_KINDS = {
  absorption: ['absorption'],
  large_pulled: ['wall_pulled', 'big_pull'],
} as const satisfies Record<string, readonly SignalKind[]>;
export type LabelName = keyof typeof LABEL_KINDS;

/** Columns of the beginning and the end of what is labelled, ms after midnight. */
const TIMES: Readonly<Record<LabelName, readonly [string, string]>> = {
  absorption: ['ms_start', 'ms_end'],
  large_pulled: ['ms_add', 'ms_cancel'],
};
const SIDES: Readonly<Record<string, 'bid' | 'ask'>> = { B: 'bid', S: 'ask' };
/** Paise of a yuan, as the recording has it; the tick is one of them. */
const PRICE_SCALE = 100;
/** Signal and label may differ by a tick: what our absorption takes for one price. */
const SLACK = 1;

const MINUTE_MS = 60_000;
/** Continuous trading, ms after midnight: nothing outside is looked at. */
const SESSIONS = [
  { fromMs: 570 * MINUTE_MS, toMs: 690 * MINUTE_MS },
  { fromMs: 780 * MINUTE_MS, toMs: 897 * MINUTE_MS },
] as const;
const TRADING_MS = SESSIONS.reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0);
/** All labels of a day are moved together so often, each time by at least so much. */
const SHIFTS = 20;
const SHIFT_LEAST_MS = 5 * MINUTE_MS;

/**
 * Labels of a file's text.
 * @param midnightMs of the day in China, ms since the epoch
 * @throws RecordingError where a line is none
 */
export function readLabels(name: LabelName, text: string, midnightMs: number): Truth[] {
  const lines = parse(text, { columns: true, skip_empty_lines: true }) as Record<string, string>[];
  const [begins, ends] = TIMES[name];
  return lines.map((line) => {
    const [fromMs, toMs] = [Number(line[begins] || Number.NaN), Number(line[ends] || Number.NaN)];
    const { side: letter = '', price: yuan = '' } = line;
    const side = SIDES[letter];
    if (!(toMs >= fromMs) || !side) throw new RecordingError(`no label of ${name}: ${Object.values(line).join(',')}`);
    const price = scaled(yuan, PRICE_SCALE, 'price');
    const at = { fromUs: (midnightMs + fromMs) * 1000, toUs: (midnightMs + toMs) * 1000 };
    const claim = { ...at, side, lowPrice: price, highPrice: price, size: 0 };
    return { ...at, claims: LABEL_KINDS[name].map((kind) => ({ ...claim, kind })), ignore: [] };
  });
}

/**
 * Labels as they would be at another time of the day: each so much later of continuous trading (from the day's end on at its
 * beginning), as long as it was, and as far from the best price of its side as it was when it began.
 */
export function shifted(labels: readonly Truth[], byMs: number, midnightMs: number, touches: TouchHistory): Truth[] {
  return labels.flatMap(({ fromUs, toUs, claims, ignore }) => {
    const movedUs = (midnightMs + later(fromUs / 1000 - midnightMs, byMs)) * 1000;
    const [then, now] = [touches.at(fromUs, Infinity), touches.at(movedUs, Infinity)];
    if (!then || !now) return [];
    const at = { fromUs: movedUs, toUs: movedUs + toUs - fromUs };
    const moved = claims.map((claim) => {
      const price = claim.lowPrice + now[claim.side] - then[claim.side];
      return { ...claim, ...at, lowPrice: price, highPrice: price };
    });
    return [{ ...at, claims: moved, ignore }];
  });
}

/** @param ms after midnight, as what is returned */
function later(ms: number, byMs: number): number {
  const [morning, afternoon] = SESSIONS;
  const morningMs = morning.toMs - morning.fromMs;
  const traded = ms < morning.toMs ? ms - morning.fromMs : ms - afternoon.fromMs + morningMs;
  const moved = (traded + byMs) % TRADING_MS;
  return moved < morningMs ? morning.fromMs + moved : afternoon.fromMs + moved - morningMs;
}

/** A stock's labels of one name against one kind of signal, at one rate. */
export interface LabelScore {
  readonly code: string;
  readonly label: LabelName;
  readonly framesPerSecond: number;
  readonly real: KindScore;
  /** The same of the labels at other times, all of them together. */
  readonly shifted: KindScore;
}

/**
 * @param tell told of each run that is done
 * @throws RecordingError where the folder has no stock with labels, or cannot be read
 */
export async function scoreShanghai(
  folder: string,
  rates: readonly number[],
  tell: (line: string) => void,
): Promise<LabelScore[]> {
  const { midnightMs } = shanghaiDay(folder);
  const codes = existsSync(folder)
    ? readdirSync(folder).flatMap((name) => /^(\d{6})sh_events\.csv\.gz$/.exec(name)?.[1] ?? [])
    : [];
  if (codes.length === 0) throw new RecordingError(`${folder}: there is no <code>sh_events.csv.gz in it`);
  const scores: LabelScore[] = [];
  for (const code of codes) {
    const recording = path.join(folder, `${code}sh_events.csv.gz`);
    const named = (Object.keys(LABEL_KINDS) as LabelName[]).map((label) => {
      const file = path.join(folder, `${code}sh_labels_${label}.csv.gz`);
      if (!existsSync(file)) throw new RecordingError(`${file}: there is no such file`);
      return { label, labels: readLabels(label, gunzipSync(readFileSync(file)).toString('utf8'), midnightMs) };
    });
    const touches = await touchesOf(recording);
    const random = new Random(1, Number(code));
    const shifts = Array.from({ length: SHIFTS }, () => SHIFT_LEAST_MS + random.below(TRADING_MS - 2 * SHIFT_LEAST_MS));
    for (const framesPerSecond of rates) {
      const untilUs = (midnightMs + SESSIONS[1].toMs) * 1000;
      const found = await runRecording({ recording, untilUs, framesPerSecond });
      const signals = found.signals.filter(({ foundUs }) =>
        SESSIONS.some(({ fromMs, toMs }) => inside(foundUs / 1000 - midnightMs, fromMs, toMs)),
      );
      tell(`${code}, ${framesPerSecond} frames/s: ${signals.length} signals`);
      for (const { label, labels } of named) {
        const lateUs = graceUs(framesPerSecond);
        const real = score(signals, labels, lateUs, SLACK);
        const others = shifts.map((byMs) => score(signals, shifted(labels, byMs, midnightMs, touches), lateUs, SLACK));
        for (const kind of LABEL_KINDS[label]) {
          const of = (all: readonly KindScore[]): KindScore => all.find((one) => one.kind === kind) as KindScore;
          scores.push({ code, label, framesPerSecond, real: of(real), shifted: together(kind, others.map(of)) });
        }
      }
    }
  }
  return scores;
}

const inside = (ms: number, fromMs: number, toMs: number): boolean => ms >= fromMs && ms < toMs;

/** The best prices of a recording, at every change. */
async function touchesOf(recording: string): Promise<TouchHistory> {
  const market = await openReplay(recording);
  const touches = new TouchHistory();
  const listener = {
    book: () => {
      for (const side of [BID, ASK] as const) {
        const { count, prices } = market.levels(0, side);
        touches.push(side, market.nowUs, count === 0 ? null : (prices[0] as number));
      }
    },
    tick: () => undefined,
  };
  for (;;) {
    await market.loading;
    if (market.nextUs() === Infinity) break;
    market.advance(Number.MAX_SAFE_INTEGER, listener);
  }
  await market.close();
  return touches;
}
