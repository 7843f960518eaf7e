/** docs/BENCHMARKS.md, made of the results that lie in docs/benchmarks: a run of one bench renews its part only. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { GOALS, type Goal, type GoalId } from './goals.ts';
import { type BenchResult, type GoalResult, median, valuesOf } from './results.ts';
import type { VariantResult } from './rounds.ts';

/** Stores `results` under `root` and writes the page anew; returns its path. */
export function writePage(root: string, results: readonly BenchResult[]): string {
  const folder = path.join(root, 'docs', 'benchmarks');
  mkdirSync(folder, { recursive: true });
  for (const result of results) {
    writeFileSync(path.join(folder, `${result.bench}.json`), `${JSON.stringify(result, null, 2)}\n`);
  }
  const page = path.join(root, 'docs', 'BENCHMARKS.md');
  writeFileSync(page, renderPage(readResults(folder)));
  return page;
}

function readResults(folder: string): BenchResult[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => JSON.parse(readFileSync(path.join(folder, name), 'utf8')) as BenchResult);
}

export function renderPage(results: readonly BenchResult[]): string {
  const measured = results.flatMap((result) =>
    result.goals.map((goal) => ({ ...goal, underLoad: isUnderLoad(result) })),
  );
  return [
    '# Benchmarks',
    '',
    'Written by `./gehra bench`, not by hand. Each variant ran in a fresh process, the rounds interleaved and every other one',
    'the other way round; a figure is the median of the rounds, a ratio that of two medians of the same run. CPU seconds are',
    'those of all processes of a variant. Absolute figures are this machine’s; the ratios are what is held to the goals.',
    '“Under load”: more was at work on the machine than it has cores before the run began; its milliseconds are too many.',
    '',
    '## Goals',
    '',
    ...goalTable(measured),
    '',
    ...shortfalls(measured),
    ...results.flatMap(section),
  ].join('\n');
}

/** A result of a machine that others were using. */
const isUnderLoad = ({ load, machine }: BenchResult): boolean => load[0] > machine.cores;

type Measured = GoalResult & { readonly underLoad: boolean };

/** Of several figures for one goal the one that is furthest from it. */
function worst({ bound }: Goal, results: readonly Measured[]): Measured | undefined {
  const distance = ({ value }: GoalResult): number =>
    value === null ? -Infinity : bound === 'at least' ? -value : value;
  return results.toSorted((a, b) => distance(b) - distance(a))[0];
}

function goalTable(measured: readonly Measured[]): string[] {
  const ids = Object.keys(GOALS) as GoalId[];
  return [
    '| # | what | goal | stretch | measured | |',
    '|---|---|---|---|---|---|',
    ...ids.map((id) => {
      const goal = GOALS[id];
      const result = worst(
        goal,
        measured.filter((each) => each.goal === id),
      );
      const value = result?.value ?? null;
      return row(
        id,
        goal.what,
        `${goal.bound} ${amount(goal, goal.goal)}`,
        amount(goal, goal.stretch),
        value === null ? '' : `**${amount(goal, value)}**`,
        result ? `${result.verdict}${loadWords(result)}` : 'not measured yet',
      );
    }),
  ];
}

const loadWords = ({ underLoad }: Pick<Measured, 'underLoad'>): string => (underLoad ? ', under load' : '');

function shortfalls(measured: readonly Measured[]): string[] {
  const short = measured.filter(({ verdict }) => verdict === 'falls short');
  if (short.length === 0) return ['Nothing that was measured falls short of its goal.', ''];
  return [
    'What falls short:',
    '',
    ...short.map(({ goal: id, value, underLoad }) => {
      const goal = GOALS[id];
      return `- ${id}, ${goal.what}: ${amount(goal, value as number)} where the goal is ${goal.bound} ${amount(goal, goal.goal)}${loadWords({ underLoad })}.`;
    }),
    '',
  ];
}

function section(result: BenchResult): string[] {
  const { bench, what, worse, at, commit, machine, load, variants, goals } = result;
  const { cpu, cores, memoryGiB, system, node } = machine;
  return [
    `## ${bench}`,
    '',
    `${what}. ${worse}`,
    '',
    `${at.slice(0, 10)}${commit ? `, commit ${commit}` : ''}; ${cpu}, ${cores} cores, ${memoryGiB} GiB, ${system}, Node ${node}; load ${load.map((each) => each.toFixed(1)).join(' before, ')} after${loadWords({ underLoad: isUnderLoad(result) })}.`,
    '',
    ...goals.map(({ goal: id, figure, value, verdict }) => {
      const said = value === null ? '' : ` = **${amount(GOALS[id], value)}**`;
      return `- ${id}: ${figure}${said}, ${verdict}.`;
    }),
    '',
    '| variant | metric | median | every value |',
    '|---|---|---|---|',
    ...variants.flatMap(variantRows),
    '',
    ...variants.map(({ name, what: does }) => `- **${name}**: ${does}`),
    '',
  ];
}

function variantRows(variant: VariantResult): string[] {
  if (variant.skipped !== null) return [row(variant.name, '', 'not run', variant.skipped)];
  const metrics = Object.keys(variant.samples[0] ?? {});
  return metrics.map((metric) => {
    const values = valuesOf(variant, metric);
    return row(variant.name, metric, `**${short(median(values))}**`, values.map(short).join(', '));
  });
}

const row = (...cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

const amount = ({ unit }: Goal, value: number): string => `${short(value)} ${unit === 'x' ? '×' : unit}`;

/** Three digits that count; from a thousand on whole numbers, in groups. */
function short(value: number): string {
  if (value === 0 || Math.abs(value) >= 1000) return Math.round(value).toLocaleString('en-US');
  return String(Number(value.toPrecision(3)));
}
