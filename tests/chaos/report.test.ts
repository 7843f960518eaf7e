import { expect, it } from 'vitest';
import type { CheckedGap } from './checks.ts';
import { FAULTS, type Fault } from './faults.ts';
import { reportTable } from './report.ts';
import type { Struck } from './run.ts';

const fault = (name: string): Fault => FAULTS.find((one) => one.name === name) as Fault;
const gap = (lost: number, seconds: number, excessUs: number): CheckedGap => ({
  feedId: 1,
  feed: 'kite',
  cause: 'disconnected',
  fromUs: 10e6,
  toUs: 10e6 + seconds * 1e6,
  lost,
  excessUs,
});
const struck = (name: string, recoveredMs: number, gaps: CheckedGap[] = []): Struck => ({
  fault: fault(name),
  fromUs: 0,
  toUs: 0,
  recoveredMs,
  gaps,
});

it('has one line for each kind of fault, with the longest of everything', () => {
  const lines = reportTable({
    struck: [
      struck('redis killed', 1500),
      struck('kite killed', 700, [gap(3, 2, -100)]),
      struck('kite killed', 4000, [gap(4, 5.25, 180_000)]),
    ],
  });
  expect(lines.slice(2)).toEqual([
    '| kite killed | C1 | 2 | 7 frames, all within gaps | 0.7 to 4.0 | 2, up to 5.3; +0.2 |',
    '| redis killed | R1 | 1 | nothing | 1.5 | none |',
  ]);
});
