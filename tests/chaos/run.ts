/** One run: starts an instance, strikes it as the schedule says, lets it calm down, and checks what is left. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Steps } from '../../scripts/terminal/steps.ts';
import { EXIT, UserError } from '../../scripts/user-error.ts';
import { type CheckedGap, checkAll, type HiddenOutage, type Holdings, holdingsOf, type Verdict } from './checks.ts';
import { FAULTS, type Fault } from './faults.ts';
import { digestOf, faultCount, type PlannedFault, paceOf, planSchedule, type Strike } from './schedule.ts';
import { ChaosSystem, until } from './system.ts';

export interface RunOptions {
  readonly seed: number;
  readonly minutes: number;
  readonly writers: number;
  /** Only faults whose name holds this. */
  readonly only: string;
}

/** A fault that was let loose. */
export interface Struck {
  readonly fault: Fault;
  readonly fromUs: number;
  readonly toUs: number;
  /** From its end until everything was stored up to it and no gap was open, ms; null: not before the end of the run. */
  recoveredMs: number | null;
  /** Gaps that it opened. */
  readonly gaps: CheckedGap[];
}

export interface RunResult {
  readonly seed: number;
  readonly minutes: number;
  readonly writers: number;
  readonly planned: number;
  readonly digest: string;
  readonly struck: readonly Struck[];
  readonly verdict: Verdict;
  /** Faults that this machine cannot make, and why. */
  readonly impossible: readonly string[];
  readonly wrong: readonly string[];
}

/** Of an instrument, a second: what two busy cores still store at once. */
const FRAMES_PER_SECOND = 10;
/** Nothing happens for so long at the end, s: of a long run, of a short one. */
const CALM_S = { long: 60, short: 5 } as const;
/** Dhan's back-off reaches a minute. */
const CALMED_WITHIN_MS = 240_000;
const LOOK_MS = 250;
/** A gap begins with the last frame before a fault. */
const BEFORE_US = 2_000_000;
/** Connections to the servers come and go. */
const DESCRIPTORS_MORE = 24;
const US_PER_MS = 1000;

/** What can be done on this machine. */
export function possibleFaults(): { table: readonly Fault[]; impossible: string[]; withDisks: boolean } {
  const withDisks = process.getuid?.() === 0;
  const table = FAULTS.filter(({ needs }) => needs === undefined || withDisks);
  const impossible = FAULTS.filter((fault) => !table.includes(fault)).map(
    ({ name }) => `${name}: only root can mount the small file system that it fills`,
  );
  return { table, impossible, withDisks };
}

export async function runChaos({ seed, minutes, writers, only }: RunOptions, steps: Steps): Promise<RunResult> {
  const { table: whole, impossible, withDisks } = possibleFaults();
  const table = whole.filter(({ name }) => name.includes(only));
  if (table.length === 0) throw new UserError(`No fault has ${only} in its name.`, EXIT.usage);
  const pace = paceOf(minutes);
  const schedule = planSchedule(seed, pace, table);
  const planned = faultCount(schedule);
  const digest = digestOf(schedule);
  steps.line(`schedule of seed ${seed}: ${planned} faults in ${minutes} min, digest ${digest}`);
  for (const { at, faults } of schedule) {
    steps.line(
      `  ${at.toFixed(1).padStart(6)} s  ${faults.map(({ name, seconds }) => `${name}${seconds > 0 ? `, ${seconds} s` : ''}`).join(' + ')}`,
    );
  }
  for (const one of impossible) steps.line(`  left out: ${one}`);

  const system = await ChaosSystem.start({ seed, writers, framesPerSecond: FRAMES_PER_SECOND, withDisks }, steps);
  const release = system.endWithUs();
  try {
    const before = holdingsOf(system);
    const struck: Struck[] = [];
    const looking = new AbortController();
    const watch = watchRecovery(system, struck, looking.signal);
    await strikeAll(system, schedule, table, struck, steps);
    await steps.step('calm', async () => {
      await delay((pace.withSlow ? CALM_S.long : CALM_S.short) * 1000);
      await system.untilRecording(CALMED_WITHIN_MS);
      await until(
        'every fault to be over',
        async () => (struck.every(({ recoveredMs }) => recoveredMs !== null) ? true : undefined),
        CALMED_WITHIN_MS,
      );
    });
    const leaking = await descriptorsOver(system, before);
    const pausedUs = await steps.step('waiting for lag 0', () => system.untilStoredAfterPause(CALMED_WITHIN_MS));
    await system.freezeCollectors();
    looking.abort();
    await watch;
    const hidden = struck.flatMap(({ fault, fromUs, toUs }): HiddenOutage[] =>
      fault.hidden ? fault.cuts.map((broker) => ({ broker, fromUs, toUs })) : [],
    );
    const unjournalled = struck.filter(({ fault }) => fault.unjournalled);
    const verdict = await steps.step('checking I1 to I8', () => checkAll(system, { hidden, unjournalled, pausedUs }));
    const wrong = [...verdict.wrong, ...leaking, ...crashes(system)];
    if (struck.length !== planned) wrong.push(`${planned} faults were planned, and ${struck.length} ran`);
    for (const gap of verdict.gaps) {
      const cause = causeOf(gap, struck);
      if (cause) cause.gaps.push(gap);
      else
        wrong.push(
          `I4: a gap of ${gap.feed} by ${gap.cause} that no fault explains, from ${new Date(gap.fromUs / US_PER_MS).toISOString()}`,
        );
    }
    if (wrong.length > 0) for (const note of system.notes) steps.line(`  ${note}`);
    return { seed, minutes, writers, planned, digest, struck, verdict, impossible, wrong };
  } finally {
    release();
    await steps.step('stopping', () => system.stop());
  }
}

async function strikeAll(
  system: ChaosSystem,
  schedule: readonly Strike[],
  table: readonly Fault[],
  struck: Struck[],
  steps: Steps,
): Promise<void> {
  const beganMs = performance.now();
  for (const { at, faults } of schedule) {
    // A strike that took longer than planned puts off the next.
    await delay(Math.max(0, at * 1000 - (performance.now() - beganMs)));
    const strike = async ({ name, seconds, pick }: PlannedFault): Promise<void> => {
      const fault = table.find((one) => one.name === name) as Fault;
      const fromUs = Date.now() * US_PER_MS;
      await fault.strike({ system, ms: Math.round(seconds * 1000), pick });
      struck.push({ fault, fromUs, toUs: Date.now() * US_PER_MS, recoveredMs: null, gaps: [] });
    };
    await steps.step(`${at.toFixed(1)} s: ${faults.map(({ name }) => name).join(' + ')}`, async () => {
      // Both are to end, whatever the other says.
      for (const result of await Promise.allSettled(faults.map(strike))) {
        if (result.status === 'rejected') throw result.reason;
      }
    });
  }
}

/** Notes of each fault when everything was stored up to its end, and no gap was open. */
async function watchRecovery(system: ChaosSystem, struck: readonly Struck[], stop: AbortSignal): Promise<void> {
  while (!stop.aborted) {
    const open = struck.filter(({ recoveredMs }) => recoveredMs === null);
    if (open.length > 0) {
      try {
        const storedUs = await system.storedUpTo();
        const gaps = await system.sql('SELECT FROM gehra.feed_gaps WHERE to_time IS NULL');
        const nowUs = Date.now() * US_PER_MS;
        for (const one of open) {
          if (gaps.length === 0 && storedUs > one.toUs) one.recoveredMs = (nowUs - one.toUs) / US_PER_MS;
        }
      } catch {
        // The database is away: so nothing has recovered yet.
      }
    }
    await delay(LOOK_MS);
  }
}

/** The newest fault that cuts the gap's broker and was not over yet when the gap began. */
function causeOf(gap: CheckedGap, struck: readonly Struck[]): Struck | undefined {
  const broker = gap.feed === 'kite' ? 'kite' : 'dhan';
  return struck
    .filter(({ fault, fromUs, toUs, recoveredMs }) => {
      const overUs = toUs + (recoveredMs ?? 0) * US_PER_MS;
      return fault.cuts.includes(broker) && fromUs <= gap.fromUs + BEFORE_US && gap.fromUs <= overUs + BEFORE_US;
    })
    .toSorted((a, b) => b.fromUs - a.fromUs)[0];
}

/** I8: processes that hold more open than at the beginning. Those that were started again are given time to settle. */
async function descriptorsOver(system: ChaosSystem, before: ReadonlyMap<string, Holdings>): Promise<string[]> {
  let over: string[] = [];
  const look = async (): Promise<true | undefined> => {
    over = [...holdingsOf(system)]
      .filter(([name, { descriptors }]) => descriptors > (before.get(name)?.descriptors ?? 0) + DESCRIPTORS_MORE)
      .map(
        ([name, { descriptors }]) =>
          `I8: ${name} holds ${descriptors} descriptors, ${before.get(name)?.descriptors} at the beginning`,
      );
    return over.length === 0 ? true : undefined;
  };
  await until('descriptors to be given back', look, 60_000).catch(() => undefined);
  return over;
}

/** Ends that nobody ordered. */
const crashes = (system: ChaosSystem): string[] =>
  system.logged('"process_crashed"').map((line) => `a process crashed: ${line.slice(0, 400)}`);
