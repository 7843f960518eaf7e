/** Finds benches by the name of their file, of their group, their own name, or the goal that they measure. */
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Bench } from './bench.ts';

const ENDING = '.bench.ts';
const FOLDER = path.resolve(import.meta.dirname, '..');

/** A name that means no bench; the message lists those that there are. */
export class UnknownBenchError extends Error {
  override readonly name = 'UnknownBenchError';
}

export interface Found {
  /** Absolute. */
  readonly file: string;
  readonly bench: Bench;
}

export async function benchesOf(file: string): Promise<readonly Bench[]> {
  const { benches } = (await import(pathToFileURL(file).href)) as { benches: readonly Bench[] };
  return benches;
}

/** All benches, or those that any of `names` means. @throws UnknownBenchError where a name means none. */
export async function findBenches(names: readonly string[], folder = FOLDER): Promise<Found[]> {
  const files = readdirSync(folder)
    .filter((name) => name.endsWith(ENDING))
    .sort();
  const all: Found[] = [];
  for (const name of files) {
    const file = path.join(folder, name);
    for (const bench of await benchesOf(file)) all.push({ file, bench });
  }
  const means = ({ file, bench }: Found, name: string): boolean =>
    name === path.basename(file, ENDING) ||
    name === bench.group ||
    name === bench.name ||
    bench.measures.some(({ goal }) => goal === name);
  const unknown = names.find((name) => !all.some((found) => means(found, name)));
  if (unknown !== undefined) {
    const known = all.map(({ bench }) => `${bench.name} (${bench.measures.map(({ goal }) => goal).join(', ')})`);
    throw new UnknownBenchError(`There is no bench ${unknown}. There are: ${known.join('; ')}.`);
  }
  return names.length === 0 ? all : all.filter((found) => names.some((name) => means(found, name)));
}
