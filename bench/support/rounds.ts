/** Runs the variants of a bench, each time in a fresh process, in interleaved rounds. */
import { spawn } from 'node:child_process';
import path from 'node:path';
import type { Bench, Metrics, RunOptions, Skipped } from './bench.ts';
import type { Found } from './benches.ts';

/** What the rounds of one variant gave: a figure a round, or why there is none. */
export interface VariantResult {
  readonly name: string;
  readonly what: string;
  /** In the order of the rounds. */
  readonly samples: readonly Metrics[];
  readonly skipped: string | null;
}

/** Starts one variant and reads its figures. */
export type RunVariant = (found: Found, variant: string) => Promise<Metrics | Skipped>;

/**
 * Every other round goes the other way round, so that no variant always follows the same one: what a machine does in
 * waves (heat, other work) falls on all of them.
 */
export async function runRounds(
  found: Found,
  rounds: number,
  run: RunVariant,
  onSample: (variant: string, round: number, sample: Metrics | Skipped) => void,
): Promise<VariantResult[]> {
  const { variants }: Bench = found.bench;
  const samples = new Map<string, Metrics[]>(variants.map(({ name }) => [name, []]));
  const skipped = new Map<string, string>();
  for (let round = 0; round < rounds; round += 1) {
    for (const { name } of round % 2 === 0 ? variants : variants.toReversed()) {
      if (skipped.has(name)) continue;
      const sample = await run(found, name);
      if (isSkipped(sample)) skipped.set(name, sample.skipped);
      else samples.get(name)?.push(sample);
      onSample(name, round, sample);
    }
  }
  return variants.map(({ name, what }) => ({
    name,
    what,
    samples: samples.get(name) ?? [],
    skipped: skipped.get(name) ?? null,
  }));
}

export const isSkipped = (sample: Metrics | Skipped): sample is Skipped => typeof sample.skipped === 'string';

const VARIANT = path.resolve(import.meta.dirname, '../variant.ts');

/** In a process of its own; what it writes to its standard error is shown. */
export const runInProcess =
  (options: RunOptions): RunVariant =>
  ({ file, bench }, variant) =>
    new Promise((resolve, reject) => {
      const asked = JSON.stringify(options);
      const args = [...(bench.nodeOptions ?? []), '--import', 'tsx', VARIANT, file, bench.name, variant, asked];
      const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
      let output = '';
      child.stdout.on('data', (chunk: Buffer) => {
        output += chunk.toString('utf8');
      });
      child.on('error', reject);
      child.on('close', (code, signal) => {
        const line = output.trimEnd().split('\n').at(-1) ?? '';
        if (code !== 0) reject(new Error(`${bench.name}, ${variant}: ended with ${signal ?? code}`));
        else resolve(JSON.parse(line) as Metrics | Skipped);
      });
    });
