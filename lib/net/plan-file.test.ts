import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Plan } from '../core/plan.ts';
import { PlanFileError, planVersion, readPlan, watchPlan, writePlan } from './plan-file.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'gehra-plan-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

const file = (): string => path.join(dir, 'plan.json');
const PLAN: Plan = {
  feeds: [
    {
      feed: 'kite.ticks.0',
      instruments: [
        {
          id: 1,
          exchange: 'NFO',
          symbol: 'NIFTY26DEC25000CE',
          name: 'NIFTY',
          type: 'CE',
          expiry: '2026-12-29',
          strike: 2_500_000,
          priceScale: 100,
          tickSize: 5,
          lotSize: 65,
          kiteToken: 13_494_786,
          dhanSegment: 'NSE_FNO',
          dhanSecurityId: 52_714,
        },
      ],
    },
  ],
};

it('gives back what was written', () => {
  expect(readPlan(dir)).toBeNull();
  writePlan(dir, PLAN);
  expect(readPlan(dir)).toEqual(PLAN);
});

it.each([
  ['{', 'plan.json is no JSON'],
  ['[]', 'plan.json is no plan: file: '],
  ['5', 'plan.json is no plan: file: '],
  ['null', 'plan.json is no plan: file: '],
  ['{}', 'plan.json is no plan: feeds: '],
  ['{"feeds":null}', 'plan.json is no plan: feeds: '],
  ['{"feeds":[null]}', 'plan.json is no plan: feeds.0: '],
  ['{"feeds":[{"feed":"kite.ticks.0"}]}', 'plan.json is no plan: feeds.0.instruments: '],
  ['{"feeds":[{"feed":"kite.ticks.0","instruments":[{"id":1}]}]}', 'plan.json is no plan: feeds.0.instruments.0.'],
])('takes %s for no plan', (text, words) => {
  writeFileSync(file(), text);
  expect(() => readPlan(dir)).toThrow(PlanFileError);
  expect(() => readPlan(dir)).toThrow(words);
});

it('keeps the last plan over files that are none, says so once for each, and takes the next', async () => {
  const plans: Plan[] = [];
  const faults: string[] = [];
  writePlan(dir, PLAN);
  const stop = watchPlan(
    dir,
    (plan) => plans.push(plan),
    (error) => faults.push((error as Error).message),
  );
  try {
    writeFileSync(file(), '{"feeds":null}');
    await vi.waitFor(() => expect(faults).toHaveLength(1), { timeout: 10_000 });
    rmSync(file());
    symlinkSync(file(), file());
    await vi.waitFor(() => expect(faults[1]).toBe('plan.json cannot be read (ELOOP)'), { timeout: 10_000 });
    expect(plans).toEqual([PLAN]);
    writePlan(dir, { feeds: [] });
    await vi.waitFor(() => expect(plans).toEqual([PLAN, { feeds: [] }]), { timeout: 10_000 });
    expect(faults).toHaveLength(2);
  } finally {
    stop();
  }
});

it('has another version after every change', () => {
  const versions = [planVersion(dir)];
  writePlan(dir, PLAN);
  versions.push(planVersion(dir));
  writeFileSync(file(), '[]');
  versions.push(planVersion(dir));
  expect(new Set(versions).size).toBe(3);
  expect(versions[0]).toBe('none');
});
