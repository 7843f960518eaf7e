/**
 *     ./gehra signals report [--seeds 2,3] [--hours 3] [--write]
 *
 * Runs the detectors over made-up markets with labelled events, and over markets without any, and prints how well they did: at 1, 4
 * and 40 frames a second. With --write the table replaces the one in docs/SIGNALS.md. Seed 1 is the one the thresholds were tuned on.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { wilson } from '../../lib/signals/report-card.ts';
import { SIGNAL_KIND_NAMES, type Signal } from '../../lib/signals/signal.ts';
import { type MarketRun, runMarket, WARM_UP_US } from './market-run.ts';
import { counts, type KindScore, score } from './score.ts';

const RATES = [1, 4, 40] as const;
/** Events a minute, on average, each after a pause of ten seconds: one or so at a time. */
const EVENTS_PER_MINUTE = 1.2;
/** The index future, whose tick is 10 price units. */
const INSTRUMENT = 0;
const TICK_SIZE = 10;
const PAGE = path.resolve(import.meta.dirname, '../../docs/SIGNALS.md');
const MARKERS = ['<!-- report begins -->', '<!-- report ends -->'] as const;

interface Options {
  readonly seeds: readonly number[];
  readonly hours: number;
}

/** A signal may come so long after its truth: a wait for trades, and four frames of a side. */
const graceUs = (framesPerSecond: number): number => 2_000_000 + (8 * 1_000_000) / framesPerSecond;

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
    return score(signals, labels, graceUs(framesPerSecond), TICK_SIZE);
  });
  return SIGNAL_KIND_NAMES.map((kind, i) => {
    const of = all.map((scores) => scores[i] as KindScore);
    const sum = (number: (score: KindScore) => number): number => of.reduce((total, one) => total + number(one), 0);
    return {
      kind,
      truths: sum(({ truths }) => truths),
      found: sum(({ found }) => found),
      wrong: sum(({ wrong }) => wrong),
      repeats: sum(({ repeats }) => repeats),
      latenciesMs: of.flatMap(({ latenciesMs }) => latenciesMs).sort((a, b) => a - b),
    };
  });
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

const isOf = (signal: Signal, whose: 'own' | 'predecessor'): boolean =>
  whose === 'own'
    ? counts(signal)
    : signal.detector.startsWith('predecessor') &&
      (signal.state === 'active' || signal.state === 'begun' || signal.state === 'once');

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '2,3' },
    hours: { type: 'string', default: '3' },
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
const text = report({ seeds, hours });
process.stdout.write(`${text}\n`);
if (values.write) {
  const page = readFileSync(PAGE, 'utf8');
  const [begins, ends] = MARKERS.map((marker) => page.indexOf(marker));
  if (begins === undefined || ends === undefined || begins < 0 || ends < begins)
    throw new Error(`${PAGE} has lost its markers`);
  writeFileSync(PAGE, `${page.slice(0, begins)}${MARKERS[0]}\n\n${text}\n\n${page.slice(ends)}`);
}
