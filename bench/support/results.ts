/** Results of a bench: figures with where, when and of what they were taken, and what they say of the goals. */
import { execFileSync } from 'node:child_process';
import os from 'node:os';
import type { Bench, Measure } from './bench.ts';
import { GOALS, type GoalId, type Verdict, verdictOf } from './goals.ts';
import type { VariantResult } from './rounds.ts';

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly system: string;
  readonly node: string;
}

export interface GoalResult {
  readonly goal: GoalId;
  /** How the figure came about: `ticks/cpu-s: objects / kiteconnect`. */
  readonly figure: string;
  /** Of the medians; null where a variant did not run. */
  readonly value: number | null;
  readonly verdict: Verdict | 'not measured';
}

export interface BenchResult {
  readonly bench: string;
  readonly what: string;
  readonly worse: string;
  /** ISO, when the first round began. */
  readonly at: string;
  /** Short hash, with `+` where files were changed; empty outside a repository. */
  readonly commit: string;
  readonly machine: Machine;
  /** Runnable processes over the minute before and at the end, of a machine with `cores`: how busy it was. */
  readonly load: readonly [before: number, after: number];
  readonly variants: readonly VariantResult[];
  readonly goals: readonly GoalResult[];
}

export const machine = (): Machine => ({
  cpu: os.cpus()[0]?.model.trim() ?? 'unknown',
  cores: os.availableParallelism(),
  memoryGiB: Math.round(os.totalmem() / 2 ** 30),
  system: `${os.type()} ${os.release()}`,
  node: process.version,
});

export function commit(folder: string): string {
  const git = (...args: string[]): string =>
    execFileSync('git', args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  try {
    return git('rev-parse', '--short', 'HEAD') + (git('status', '--porcelain') === '' ? '' : '+');
  } catch {
    // A downloaded archive has no history, a container perhaps no git: figures are figures without it.
    return '';
  }
}

export function median(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError('no median of nothing');
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] as number;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] as number) + upper) / 2;
}

/** Every value of a metric, in the order of the rounds. */
export const valuesOf = ({ samples }: VariantResult, metric: string): number[] =>
  samples.map((sample) => {
    const value = sample[metric];
    if (value === undefined) throw new Error(`a variant gave no ${metric}`);
    return value;
  });

export function goalResults({ measures }: Bench, variants: readonly VariantResult[]): GoalResult[] {
  return measures.map((measure) => {
    const figure = `${measure.metric}: ${measure.variant}${measure.per ? ` / ${measure.per}` : ''}`;
    const value = medianRatio(measure, variants);
    return {
      goal: measure.goal,
      figure,
      value,
      verdict: value === null ? 'not measured' : verdictOf(GOALS[measure.goal], value),
    };
  });
}

function medianRatio({ metric, variant, per }: Measure, variants: readonly VariantResult[]): number | null {
  const medianOf = (name: string): number | null => {
    const result = variants.find((each) => each.name === name);
    if (!result) throw new Error(`a goal asks for a variant ${name}, which there is not`);
    return result.skipped === null ? median(valuesOf(result, metric)) : null;
  };
  const above = medianOf(variant);
  const below = per === undefined ? 1 : medianOf(per);
  return above === null || below === null ? null : above / below;
}
