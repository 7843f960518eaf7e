/**
 *     npx tsx bench/run.ts [--rounds N] [--json FILE] [NAME ...]
 *
 * Runs benches (all, or those named: a file, a bench, a goal), prints what they gave, and writes docs/BENCHMARKS.md.
 */
import { writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { type Found, findBenches, UnknownBenchError } from './support/benches.ts';
import { writePage } from './support/page.ts';
import { type BenchResult, commit, goalResults, machine } from './support/results.ts';
import { isSkipped, runInProcess, runRounds } from './support/rounds.ts';

/** Odd, so that the median is a value that was measured. */
const ROUNDS = 5;
const ROOT = path.resolve(import.meta.dirname, '..');

async function runBench(found: Found, rounds: number): Promise<BenchResult> {
  const { bench } = found;
  const at = new Date().toISOString();
  const before = os.loadavg()[0] as number;
  process.stdout.write(`${bench.name}: ${bench.what}\n`);
  const variants = await runRounds(
    found,
    Math.min(rounds, bench.roundsMax ?? rounds),
    runInProcess,
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

async function main(names: readonly string[], rounds: number, json: string | undefined): Promise<void> {
  const results: BenchResult[] = [];
  for (const found of await findBenches(names)) results.push(await runBench(found, rounds));
  const page = writePage(ROOT, results);
  process.stdout.write(`written: ${path.relative(process.cwd(), page)}\n`);
  if (json !== undefined) writeFileSync(json, `${JSON.stringify(results, null, 2)}\n`);
}

const { values, positionals } = parseArgs({
  options: { rounds: { type: 'string', default: String(ROUNDS) }, json: { type: 'string' } },
  allowPositionals: true,
});
const rounds = Number(values.rounds);
if (!Number.isInteger(rounds) || rounds < 1) throw new RangeError('--rounds is a whole number from 1');
try {
  await main(positionals, rounds, values.json);
} catch (error) {
  if (!(error instanceof UnknownBenchError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
}
