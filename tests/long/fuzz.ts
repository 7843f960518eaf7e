/**
 * The long run of lib/wire/fuzz.test.ts.
 *
 *     npx tsx tests/long/fuzz.ts [--frames 10000000] [--seed N] [kite dhan-live dhan-depth20 dhan-depth200 messages]
 */
import { parseArgs } from 'node:util';
import { fuzz } from '../support/fuzz.ts';
import { fuzzTargets } from '../support/fuzz-targets.ts';

const { values, positionals } = parseArgs({
  options: { frames: { type: 'string', default: '10000000' }, seed: { type: 'string', default: '1' } },
  allowPositionals: true,
});
const frames = Number(values.frames);
const seed = Number(values.seed);
const targets = fuzzTargets().filter(({ name }) => positionals.length === 0 || positionals.includes(name));
if (!Number.isInteger(frames) || !Number.isInteger(seed) || targets.length === 0) {
  process.stderr.write('nothing to do: --frames and --seed are whole numbers, names are those of fuzz-targets.ts\n');
  process.exit(2);
}
for (const target of targets) {
  const from = performance.now();
  const { withRecords, withErrors } = fuzz(target, frames, seed);
  const seconds = ((performance.now() - from) / 1000).toFixed(1);
  process.stdout.write(
    `${target.name}: ${frames} frames, seed ${seed}: ${withRecords} with records, ${withErrors} with errors, 0 findings, ${seconds} s\n`,
  );
}
