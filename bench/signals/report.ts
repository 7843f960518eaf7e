/**
 *     ./gehra signals report [--seeds 2,3] [--hours 3] [--write]
 *     ./gehra signals report --shanghai FOLDER [--write]
 *
 * Runs the detectors over made-up markets with labelled events, and over markets without any, and prints how well they did: at 1, 4
 * and 40 frames a second. With --write the table replaces the one in docs/SIGNALS.md. Seed 1 is the one the thresholds were tuned on.
 * With --shanghai they are run over real days instead, and held against the labels beside them (shanghai.ts).
 */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { RecordingError } from '../../lib/recordings/recording.ts';
import { wilson } from '../../lib/signals/report-card.ts';
import { SIGNAL_KIND_NAMES, type Signal } from '../../lib/signals/signal.ts';
import { type MarketRun, runMarket, WARM_UP_US } from './market-run.ts';
import { counts, graceUs, type KindScore, score, together } from './score.ts';
import { type LabelScore, scoreShanghai } from './shanghai.ts';

const RATES = [1, 4, 40] as const;
/** Events a minute, on average, each after a pause of ten seconds: one or so at a time. */
const EVENTS_PER_MINUTE = 1.2;
/** The index future, whose tick is 10 price units. */
const INSTRUMENT = 0;
const TICK_SIZE = 10;
/** Prices of signal and truth may differ by so many ticks. */
const TICKS_NEAR = 4;
const PAGE = path.resolve(import.meta.dirname, '../../docs/SIGNALS.md');

interface Options {
  readonly seeds: readonly number[];
  readonly hours: number;
}

function scoresAt(framesPerSecond: number, { seeds, hours }: Options): KindScore[] {
  const all = seeds.map((seed) => {
    const run: MarketRun = {
      seed,
      framesPerSecond,
      seconds: hours * 3600,
      eventsPerMinute: EVENTS_PER_MINUTE,
      instrument: INSTRUMENT,
    };
    const { signals, labels } = runMarket(run);
    process.stderr.write(
      `seed ${seed}, ${framesPerSecond} frames/s: ${labels.length} events, ${signals.length} signals\n`,
    );
    return score(signals, labels, graceUs(framesPerSecond), TICKS_NEAR * TICK_SIZE);
  });
  return SIGNAL_KIND_NAMES.map((kind, i) =>
    together(
      kind,
      all.map((scores) => scores[i] as KindScore),
    ),
  );
}

/** Signals of a market into which nothing was put. */
function eventFree(framesPerSecond: number, { seeds, hours }: Options): readonly Signal[] {
  return seeds.flatMap(
    (seed) =>
      runMarket({ seed, framesPerSecond, seconds: hours * 3600, eventsPerMinute: 0, instrument: INSTRUMENT }).signals,
  );
}

const percent = (successes: number, of: number): string => {
  if (of === 0) return '–';
  const [low, high] = wilson(successes, of);
  return `${(successes / of).toFixed(2)} (${low.toFixed(2)}–${high.toFixed(2)}, ${successes}/${of})`;
};

function quantile(sorted: readonly number[], share: number): string {
  const value = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
  return value === undefined ? '–' : `${Math.round(value)}`;
}

function report(options: Options): string {
  const { seeds, hours } = options;
  const lines: string[] = [
    `Seeds ${seeds.join(', ')}, ${hours} h of market each, the index future. Precision and recall with Wilson's 95 % interval and counts; latency from the moment that the label names, negative where it was told before the event had ended.`,
    '',
    '| kind | frames/s | precision | recall | latency ms, median (p90) | repeats |',
    '|---|---|---|---|---|---|',
  ];
  const scores = new Map(RATES.map((rate) => [rate, scoresAt(rate, options)]));
  for (const [i, kind] of SIGNAL_KIND_NAMES.entries()) {
    const of = RATES.map((rate) => [rate, scores.get(rate)?.[i] as KindScore] as const);
    if (of.every(([, { truths }]) => truths === 0)) continue;
    for (const [rate, { truths, found, wrong, repeats, latenciesMs }] of of) {
      const latency = `${quantile(latenciesMs, 0.5)} (${quantile(latenciesMs, 0.9)})`;
      lines.push(
        `| ${kind} | ${rate} | ${percent(found, found + wrong)} | ${percent(found, truths)} | ${latency} | ${repeats} |`,
      );
    }
  }
  const watched = seeds.length * (hours - WARM_UP_US / 3600e6);
  lines.push(
    '',
    `Signals an hour of the same market without any event (${watched.toFixed(1)} h watched at each rate):`,
    '',
  );
  lines.push(
    `| detector | kind | ${RATES.map((rate) => `${rate} frames/s`).join(' | ')} |`,
    `|---|---|${RATES.map(() => '---').join('|')}|`,
  );
  const free = new Map(RATES.map((rate) => [rate, eventFree(rate, options)]));
  const own = SIGNAL_KIND_NAMES.filter((kind) => kind !== 'order_absorption').map((kind) => ['own', kind] as const);
  const preset = (['key_level', 'order_absorption', 'pressure'] as const).map((kind) => ['predecessor', kind] as const);
  for (const [whose, kind] of [...own, ...preset]) {
    const of = RATES.map((rate) => {
      const signals = (free.get(rate) ?? []).filter((signal) => signal.kind === kind && isOf(signal, whose));
      return (signals.length / watched).toFixed(1);
    });
    lines.push(`| ${whose} | ${kind} | ${of.join(' | ')} |`);
  }
  return lines.join('\n');
}

async function shanghaiReport(folder: string): Promise<string> {
  const lines = [
    "Precision and recall with Wilson's 95 % interval and counts; shifted: the same of the labels at 20 other times of the day, together. Latency from the label's end.",
    '',
    '| stock | label | kind | frames/s | precision | shifted | recall | shifted | latency ms, median (p90) | repeats |',
    '|---|---|---|---|---|---|---|---|---|---|',
  ];
  const scores = await scoreShanghai(folder, RATES, (line) => process.stderr.write(`${line}\n`));
  for (const { code, label, framesPerSecond, real, shifted } of inRows(scores)) {
    const latency = `${quantile(real.latenciesMs, 0.5)} (${quantile(real.latenciesMs, 0.9)})`;
    lines.push(
      `| ${code} | ${label} | ${real.kind} | ${framesPerSecond} | ${percent(real.found, real.found + real.wrong)} | ${share(shifted.found, shifted.found + shifted.wrong)} | ${percent(real.found, real.truths)} | ${share(shifted.found, shifted.truths)} | ${latency} | ${real.repeats} |`,
    );
  }
  return lines.join('\n');
}

const share = (successes: number, of: number): string => (of === 0 ? '–' : (successes / of).toFixed(3));

/** The rates of each thing below each other. */
const inRows = (scores: readonly LabelScore[]): LabelScore[] =>
  scores.toSorted((a, b) => a.code.localeCompare(b.code) || orderOf(a) - orderOf(b));
const orderOf = ({ real: { kind } }: LabelScore): number => SIGNAL_KIND_NAMES.indexOf(kind);

const isOf = (signal: Signal, whose: 'own' | 'predecessor'): boolean =>
  whose === 'own'
    ? counts(signal)
    : signal.detector.startsWith('predecessor') &&
      (signal.state === 'active' || signal.state === 'begun' || signal.state === 'once');

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '2,3' },
    hours: { type: 'string', default: '3' },
    shanghai: { type: 'string' },
    write: { type: 'boolean', default: false },
  },
});
const seeds = values.seeds.split(',').map(Number);
const hours = Number(values.hours);
if (seeds.some((seed) => !Number.isSafeInteger(seed) || seed < 0) || !(hours > WARM_UP_US / 3600e6 && hours <= 100)) {
  process.stderr.write(
    '--seeds are whole numbers with commas between them, --hours more than a quarter and at most 100\n',
  );
  process.exit(2);
}
const { shanghai } = values;
const text =
  shanghai === undefined
    ? report({ seeds, hours })
    : await shanghaiReport(shanghai).catch((error: Error) => {
        if (!(error instanceof RecordingError)) throw error;
        process.stderr.write(`${error.message}\n`);
        process.exit(2);
      });
process.stdout.write(`${text}\n`);
if (values.write) {
  const table = shanghai === undefined ? 'report' : 'shanghai';
  const [begins, ends] = [`<!-- ${table} begins -->`, `<!-- ${table} ends -->`];
  const page = readFileSync(PAGE, 'utf8');
  const [from, to] = [page.indexOf(begins), page.indexOf(ends)];
  if (from < 0 || to < from) throw new Error(`${PAGE} has lost its markers`);
  writeFileSync(PAGE, `${page.slice(0, from)}${begins}\n\n${text}\n\n${page.slice(to)}`);
}
