/**
 *     npx tsx bench/run.ts [--rounds N] [--minutes N] [--json FILE] [NAME ...]
 *
 * Runs benches (all, or those named: a file, a group, a bench, a goal), prints what they gave, and writes docs/BENCHMARKS.md.
 */
import { writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { RunOptions } from './support/bench.ts';
import { type Found, findBenches, UnknownBenchError } from './support/benches.ts';
import { writePage } from './support/page.ts';
import { type BenchResult, commit, goalResults, machine } from './support/results.ts';
import { isSkipped, runInProcess, runRounds } from './support/rounds.ts';

/** Odd, so that the median is a value that was measured. */
const ROUNDS = 5;
/** Of the measurements that watch something over time. */
const MINUTES = 10;
const ROOT = path.resolve(import.meta.dirname, '..');

async function runBench(found: Found, rounds: number, options: RunOptions): Promise<BenchResult> {
  const { bench } = found;
  const at = new Date().toISOString();
  const before = os.loadavg()[0] as number;
  process.stdout.write(`${bench.name}: ${bench.what}\n`);
  const variants = await runRounds(
    found,
    Math.min(rounds, bench.roundsMax ?? rounds),
    runInProcess(options),
    (variant, round, sample) => {
      const figures = Object.entries(sample).map(([metric, value]) =>
        typeof value === 'number' ? `${metric} ${value.toPrecision(4)}` : `${metric}: ${value}`,
      );
      process.stdout.write(`  ${isSkipped(sample) ? '' : `round ${round + 1}, `}${variant}: ${figures.join(', ')}\n`);
    },
  );
  const goals = goalResults(bench, variants);
  for (const { goal, figure, value, verdict } of goals) {
    process.stdout.write(`  ${goal}: ${figure}${value === null ? '' : ` = ${value.toPrecision(3)}`}: ${verdict}\n`);
  }
  return {
    bench: bench.name,
    what: bench.what,
    worse: bench.worse,
    at,
    commit: commit(ROOT),
    machine: machine(),
    load: [before, os.loadavg()[0] as number],
    variants,
    goals,
  };
}

interface Asked extends RunOptions {
  readonly rounds: number;
  readonly json: string | undefined;
}

async function main(names: readonly string[], { rounds, json, ...options }: Asked): Promise<void> {
  const results: BenchResult[] = [];
  for (const found of await findBenches(names)) results.push(await runBench(found, rounds, options));
  const page = writePage(ROOT, results);
  process.stdout.write(`written: ${path.relative(process.cwd(), page)}\n`);
  if (json !== undefined) writeFileSync(json, `${JSON.stringify(results, null, 2)}\n`);
}

const { values, positionals } = parseArgs({
  options: {
    rounds: { type: 'string', default: String(ROUNDS) },
    minutes: { type: 'string', default: String(MINUTES) },
    json: { type: 'string' },
  },
  allowPositionals: true,
});
const rounds = Number(values.rounds);
if (!Number.isInteger(rounds) || rounds < 1) throw new RangeError('--rounds is a whole number from 1');
const minutes = Number(values.minutes);
if (!(minutes > 0)) throw new RangeError('--minutes is a number above 0');
try {
  await main(positionals, { rounds, minutes, json: values.json });
} catch (error) {
  if (!(error instanceof UnknownBenchError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
}
