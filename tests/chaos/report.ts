/** The results of a run as a table, for people and for docs/RELIABILITY.md. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { packageRoot } from '../../lib/config/root.ts';
import type { RunResult, Struck } from './run.ts';
import type { SoakResult } from './soak.ts';

const DOCUMENT = path.join(packageRoot, 'docs/RELIABILITY.md');
const HEADER = [
  '| fault | cases | times | lost | lag 0 after, s | gaps: declared, and beyond the outage, s |',
  '|---|---|---|---|---|---|',
];

/** One line for each kind of fault that ran. */
export function reportTable({ struck }: Pick<RunResult, 'struck'>): string[] {
  const byName = new Map<string, Struck[]>();
  for (const one of struck) byName.set(one.fault.name, [...(byName.get(one.fault.name) ?? []), one]);
  const lines = [...byName]
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([name, all]) => {
      const gaps = all.flatMap((one) => one.gaps);
      const lost = gaps.reduce((sum, gap) => sum + gap.lost, 0);
      const recovered = all.map(({ recoveredMs }) => (recoveredMs ?? Number.NaN) / 1000);
      const longest = Math.max(...gaps.map(({ fromUs, toUs }) => (toUs - fromUs) / 1e6));
      const excess = Math.max(0, ...gaps.map(({ excessUs }) => excessUs / 1e6));
      return `| ${[
        name,
        all[0]?.fault.cases,
        all.length,
        lost === 0 ? 'nothing' : `${lost} frames, all within gaps`,
        seconds(recovered),
        gaps.length === 0 ? 'none' : `${gaps.length}, up to ${longest.toFixed(1)}; +${excess.toFixed(1)}`,
      ].join(' | ')} |`;
    });
  return [...HEADER, ...lines];
}

function seconds(values: readonly number[]): string {
  const [min, max] = [Math.min(...values), Math.max(...values)].map((value) => value.toFixed(1));
  return min === max ? `${min}` : `${min} to ${max}`;
}

/** Puts lines between two marks of docs/RELIABILITY.md; the rest of it is people's. */
function writeBetween(mark: string, lines: readonly string[]): void {
  const text = readFileSync(DOCUMENT, 'utf8');
  const [begins, ends] = [`<!-- ${mark} begins -->`, `<!-- ${mark} ends -->`];
  const [from, to] = [text.indexOf(begins), text.indexOf(ends)];
  if (from < 0 || to < from) throw new Error(`docs/RELIABILITY.md has no place between ${begins} and ${ends}`);
  writeFileSync(DOCUMENT, `${text.slice(0, from + begins.length)}\n${lines.join('\n')}\n${text.slice(to)}`);
}

export function writeReport(result: RunResult): void {
  const { seed, minutes, writers, planned, digest, verdict, impossible } = result;
  const { sent, stored, lost, copies, gaps, bars, signals } = verdict;
  writeBetween('faults', [
    '',
    `\`./gehra chaos --seed ${seed} --minutes ${minutes} --writers ${writers}\`: ${planned} faults, schedule ${digest}. The exchange sent ${sent} frames; ${stored} are stored,`,
    `${lost} fell into one of ${gaps.length} declared gaps, ${copies} stand twice because it sent them twice. ${bars} bars of a second were made again from the`,
    `journal and are the stored ones. Of ${signals.stored} signals stored, ${signals.sharedNames} are found again by a run over the journal (which finds ${signals.again}).`,
    ...impossible.map((one) => `Left out: ${one}.`),
    '',
    ...reportTable(result),
    '',
  ]);
}

/** One line for each process, and one for the whole. */
export function soakTable({ minutes, writers, processes, lagMs, perSecond, gaps, load }: SoakResult): string[] {
  const whole = `${minutes} min, ${writers} writer(s): ${perSecond.depthFrames.toFixed(0)} depth frames and ${perSecond.ticks.toFixed(0)} ticks stored a second; lag p50 ${lagMs.p50.toFixed(0)} ms, p99 ${lagMs.p99.toFixed(0)} ms, largest ${lagMs.max.toFixed(0)} ms; ${gaps} gaps; load of the machine ${load.toFixed(1)}.`;
  return [
    whole,
    '',
    '| process | memory after warm-up, MiB | at the end | trend, MiB an hour | least heap of the first half, and of the second, MiB | descriptors |',
    '|---|---|---|---|---|---|',
    ...processes.map(({ name, rssMib, heapMib, descriptors }) => {
      const heap = heapMib ? `${heapMib.first.toFixed(1)}, ${heapMib.second.toFixed(1)}` : '';
      return `| ${name} | ${rssMib.first.toFixed(0)} | ${rssMib.last.toFixed(0)} | ${rssMib.slopePerHour.toFixed(1)} | ${heap} | ${descriptors.first} to ${descriptors.last} |`;
    }),
  ];
}

export function writeSoak(result: SoakResult): void {
  const command = `\`./gehra chaos --long --seed ${result.seed} --minutes ${result.minutes} --writers ${result.writers}\``;
  writeBetween(`load of ${result.writers}`, [
    '',
    `${command}: ${result.wrong.length === 0 ? 'within its limits' : result.wrong.join('; ')}.`,
    '',
    ...soakTable(result),
    '',
  ]);
}
