import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Bench, Metrics, Skipped } from './bench.ts';
import { findBenches, UnknownBenchError } from './benches.ts';
import { ownCpuSeconds, treeCpuSeconds } from './cpu.ts';
import { GOALS, verdictOf } from './goals.ts';
import { unitsPerCpuSecond } from './measure.ts';
import { renderPage, writePage } from './page.ts';
import { type BenchResult, goalResults, median } from './results.ts';
import { runInProcess, runRounds, type VariantResult } from './rounds.ts';
import { quantile } from './time.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'gehra-bench-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const variant = (name: string) => ({ name, what: `what ${name} does`, run: () => ({}) });
const BENCH: Bench = {
  name: 'planted',
  what: 'A planted bench',
  worse: 'Nothing would be worse.',
  measures: [
    { goal: 'a1', metric: 'x/cpu-s', variant: 'ours', per: 'peer' },
    { goal: 'b4', metric: 'ms', variant: 'ours' },
  ],
  variants: [variant('peer'), variant('ours')],
};

describe('rounds', () => {
  it('are interleaved, every other one the other way round', async () => {
    const order: string[] = [];
    const run = async (_: unknown, name: string): Promise<Metrics> => {
      order.push(name);
      return { n: order.length };
    };
    const results = await runRounds({ file: '', bench: BENCH }, 3, run, () => undefined);
    expect(order).toEqual(['peer', 'ours', 'ours', 'peer', 'peer', 'ours']);
    expect(results.map(({ name, samples }) => [name, samples.map(({ n }) => n)])).toEqual([
      ['peer', [1, 4, 5]],
      ['ours', [2, 3, 6]],
    ]);
  });

  it('leave out a variant that cannot run here, after its first attempt', async () => {
    let attempts = 0;
    const run = async (_: unknown, name: string): Promise<Metrics | Skipped> => {
      if (name === 'ours') return { n: 1 };
      attempts += 1;
      return { skipped: 'no python3' };
    };
    const [peer] = await runRounds({ file: '', bench: BENCH }, 3, run, () => undefined);
    expect(attempts).toBe(1);
    expect(peer).toMatchObject({ samples: [], skipped: 'no python3' });
  });

  it('run each variant in a process of its own, whose last line counts', async () => {
    const file = path.join(folder, 'planted.bench.ts');
    writeFileSync(
      file,
      `const run = () => { console.log('a line before'); return { pid: process.pid }; };
       const fail = () => { process.exit(3); };
       export const benches = [{ name: 'planted', measures: [], variants: [{ name: 'a', run }, { name: 'b', run: fail }] }];`,
    );
    const found = { file, bench: BENCH };
    const pids = await Promise.all(
      ['a', 'a'].map(async (name) => ((await runInProcess({ minutes: 1 })(found, name)) as Metrics).pid),
    );
    expect(new Set([...pids, process.pid]).size).toBe(3);
    await expect(runInProcess({ minutes: 1 })(found, 'b')).rejects.toThrow('planted, b: ended with 3');
  });
});

const results = (ours: Metrics[], peer: Metrics[], skipped: string | null = null): VariantResult[] => [
  { name: 'peer', what: 'what peer does', samples: peer, skipped },
  { name: 'ours', what: 'what ours does', samples: ours, skipped: null },
];
const OURS = [
  { 'x/cpu-s': 700, ms: 9 },
  { 'x/cpu-s': 100, ms: 1 },
  { 'x/cpu-s': 800, ms: 2 },
];
const PEER = [{ 'x/cpu-s': 9 }, { 'x/cpu-s': 10 }, { 'x/cpu-s': 1000 }];

describe('results', () => {
  it('are medians, and ratios of medians', () => {
    expect(goalResults(BENCH, results(OURS, PEER))).toEqual([
      { goal: 'a1', figure: 'x/cpu-s: ours / peer', value: 70, verdict: 'goal reached' },
      { goal: 'b4', figure: 'ms: ours', value: 2, verdict: 'stretch reached' },
    ]);
  });

  it('are none where a variant did not run', () => {
    expect(goalResults(BENCH, results(OURS, [], 'no python3'))[0]).toMatchObject({
      value: null,
      verdict: 'not measured',
    });
  });

  it('refuse a goal that asks for what there is not', () => {
    expect(() => goalResults(BENCH, results([{ ms: 1 }], PEER))).toThrow('x/cpu-s');
    expect(() => goalResults({ ...BENCH, variants: [] }, [])).toThrow('ours');
  });

  it.each([
    [60, 'goal reached'],
    [59.9, 'falls short'],
    [90, 'stretch reached'],
  ])('at least 60, stretch 90: %d %s', (value, verdict) => {
    expect(verdictOf(GOALS.a1, value)).toBe(verdict);
  });

  it.each([
    [5, 'goal reached'],
    [5.1, 'falls short'],
    [2, 'stretch reached'],
  ])('at most 5, stretch 2: %d %s', (value, verdict) => {
    expect(verdictOf(GOALS.b4, value)).toBe(verdict);
  });

  it('medians and quantiles', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 2, 3])).toBe(2.5);
    expect(() => median([])).toThrow(RangeError);
    const hundred = Array.from({ length: 100 }, (_, i) => 100 - i);
    expect([quantile(hundred, 0.5), quantile(hundred, 0.99), quantile([7], 0.99)]).toEqual([51, 100, 7]);
    expect(() => quantile([], 0.5)).toThrow(RangeError);
  });
});

function resultOf(name: string, variants: readonly VariantResult[]): BenchResult {
  return {
    bench: name,
    what: BENCH.what,
    worse: BENCH.worse,
    at: '2026-11-24T03:00:00.000Z',
    commit: 'abc1234+',
    machine: { cpu: 'A processor', cores: 2, memoryGiB: 24, system: 'Linux 6', node: 'v20.0.0' },
    load: [0.5, 1.25],
    variants,
    goals: goalResults(BENCH, variants),
  };
}

describe('the page', () => {
  it('has goals beside what was measured, what falls short, and every value', () => {
    const page = renderPage([resultOf('planted', results([{ 'x/cpu-s': 100, ms: 9 }], PEER))]);
    expect(page).toContain('| a1 | parse a Kite frame');
    expect(page).toContain('| at least 60 × | 90 × | **10 ×** | falls short |');
    expect(page).toContain('| at most 5 ms | 2 ms | **9 ms** | falls short |');
    expect(page).toContain('| c1 |');
    expect(page).toContain('not measured yet');
    expect(page).toMatch(/What falls short:\n\n- a1, .*: 10 × where the goal is at least 60 ×\.\n- b4, /);
    expect(page).toContain('2026-11-24, commit abc1234+; A processor, 2 cores, 24 GiB, Linux 6, Node v20.0.0');
    expect(page).toContain('| peer | x/cpu-s | **10** | 9, 10, 1,000 |');
  });

  it('says which figures are those of a busy machine', () => {
    const busy = { ...resultOf('planted', results(OURS, PEER)), load: [2.5, 3] as const };
    const page = renderPage([busy]);
    expect(page).toContain('| stretch reached, under load |');
    expect(page).toContain('load 2.5 before, 3.0 after, under load.');
    expect(renderPage([resultOf('planted', results(OURS, PEER))])).not.toContain('reached, under load');
  });

  it('says so where nothing falls short, and why a variant did not run', () => {
    const page = renderPage([resultOf('planted', results(OURS, [], 'no python3'))]);
    expect(page).toContain('Nothing that was measured falls short');
    expect(page).toContain('| peer |  | not run | no python3 |');
  });

  it('keeps what a run did not measure again', () => {
    writePage(folder, [resultOf('first', results(OURS, PEER)), resultOf('second', results(OURS, PEER))]);
    const page = writePage(folder, [resultOf('second', results([{ 'x/cpu-s': 1, ms: 9 }], PEER))]);
    const text = readFileSync(page, 'utf8');
    expect(text).toContain('## first');
    expect(text.match(/## second/g)).toHaveLength(1);
    expect(text).toContain('a1: x/cpu-s: ours / peer = **0.1 ×**, falls short.');
  });
});

describe('benches', () => {
  it('ask for variants that they have; no goal is measured by two, nor twice on the same data', async () => {
    const all = await findBenches([]);
    expect(all.length).toBeGreaterThan(4);
    const goals = all.flatMap(({ bench }) => [...new Set(bench.measures.map(({ goal }) => goal))]);
    expect(new Set(goals).size).toBe(goals.length);
    const figures = all.flatMap(({ bench }) => bench.measures.map(({ goal, metric }) => `${goal} ${metric}`));
    expect(new Set(figures).size).toBe(figures.length);
    for (const { bench } of all) {
      const names = bench.variants.map(({ name }) => name);
      for (const { variant: name, per } of bench.measures)
        expect(names).toEqual(expect.arrayContaining([name, per ?? name]));
    }
  });

  it('are found by file, name and goal', async () => {
    const namesOf = async (name: string) => (await findBenches([name])).map(({ bench }) => bench.name);
    expect(await namesOf('decode')).toEqual(['kite-frame', 'dhan-frame']);
    expect(await namesOf('dhan-frame')).toEqual(['dhan-frame']);
    expect(await namesOf('a2')).toEqual(['kite-frame']);
    expect(await namesOf('browser')).toEqual(expect.arrayContaining(['heap', 'first-load', 'packet-to-frame']));
    await expect(findBenches(['decode', 'none'])).rejects.toThrow(UnknownBenchError);
  });
});

describe('CPU time', () => {
  const BURN = 'const until = process.cpuUsage().user + 300_000; while (process.cpuUsage().user < until);';

  it('of a process includes its children, while they live and when they have ended', async () => {
    const before = treeCpuSeconds([process.pid]);
    const child = spawn(process.execPath, ['-e', `${BURN} process.stdout.write('burnt'); process.stdin.resume()`], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    await once(child.stdout, 'data');
    const alone = treeCpuSeconds([child.pid as number]);
    expect(alone).toBeGreaterThanOrEqual(0.29);
    const alive = treeCpuSeconds([process.pid]) - before;
    expect(alive).toBeGreaterThanOrEqual(alone - 0.02);
    child.stdin.end();
    await once(child, 'exit');
    expect(treeCpuSeconds([process.pid]) - before).toBeGreaterThanOrEqual(alive - 0.02);
  });

  it('of this process agrees with what the system says of it', () => {
    const children = treeCpuSeconds([process.pid]) - ownCpuSeconds();
    expect(children).toBeGreaterThan(-0.1);
  });

  it('is what work is divided by; work without a result is refused', () => {
    const short = { warmUpMs: 1, measureMs: 50 };
    let calls = 0;
    const work = (): number => {
      calls += 1;
      return calls;
    };
    expect(unitsPerCpuSecond(10, work, short)).toBeGreaterThan(0);
    expect(() => unitsPerCpuSecond(1, () => Number.NaN, short)).toThrow('no number');
  });
});
