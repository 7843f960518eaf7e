/**
 * What a Prometheus reads: the figures of all processes (lib/queue/metrics.ts), whether each is there, and how the last rehearsal
 * went. No secrets, no market data.
 */
import { Gauge, type Registry } from 'prom-client';
import { lastRehearsals } from '../../db/rehearsals.ts';
import type { Grade } from '../core/finding.ts';
import { joinMetrics, kindOf, type ProcessMetrics, readMetrics } from '../queue/metrics.ts';
import type { Caller } from './access.ts';
import { services } from './context.ts';
import { expectedProcesses, readiness } from './health.ts';

const GRADE_NUMBERS: Readonly<Record<Grade, number>> = { ok: 0, warn: 1, fail: 2 };

/** In Prometheus's text format, made anew for each question. */
export async function metricsText(caller: Caller): Promise<{ readonly contentType: string; readonly text: string }> {
  caller.mustBe('viewer');
  const { dependencies } = await readiness();
  const processes = dependencies.redis === null ? await readMetrics(services().redis) : [await ownMetrics()];
  const registry = joinMetrics(processes);
  addStates(registry, processes, dependencies);
  if (dependencies.database === null) await addRehearsal(registry);
  return { contentType: registry.contentType, text: await registry.metrics() };
}

/** Names of what is said here of the whole, besides what the processes say of themselves. */
export const WHOLE_METRICS = [
  'gehra_process_up',
  'gehra_dependency_up',
  'gehra_rehearsal_check',
  'gehra_rehearsal_verdict',
  'gehra_rehearsal_time_seconds',
] as const;

const gaugeIn = <Label extends string>(
  registry: Registry,
  name: (typeof WHOLE_METRICS)[number],
  help: string,
  labels: readonly Label[] = [],
): Gauge<Label> => new Gauge({ name, help, labelNames: [...labels], registers: [registry] });

/** Without Redis this process knows of no other. */
const ownMetrics = async (): Promise<ProcessMetrics> => ({
  process: 'web',
  atMs: services().nowMs(),
  metrics: await services().metrics.getMetricsAsJSON(),
});

function addStates(
  registry: Registry,
  processes: readonly ProcessMetrics[],
  dependencies: Readonly<Record<string, string | null>>,
): void {
  const up = gaugeIn(
    registry,
    'gehra_process_up',
    'Whether a process tells its figures: 1 or 0. Writers are missed as `writer` where there is none at all.',
    ['process'],
  );
  const dependency = gaugeIn(registry, 'gehra_dependency_up', 'Whether the database and Redis answer: 1 or 0.', [
    'dependency',
  ]);
  for (const { process } of processes) up.set({ process }, 1);
  // Without Redis nothing is known of the others: that they are there can be neither said nor denied.
  const expected = dependencies.redis === null ? expectedProcesses(services().config) : [];
  for (const kind of expected) {
    if (!processes.some(({ process }) => kindOf(process) === kind)) up.set({ process: kind }, 0);
  }
  for (const [name, reason] of Object.entries(dependencies))
    dependency.set({ dependency: name }, reason === null ? 1 : 0);
}

async function addRehearsal(registry: Registry): Promise<void> {
  const check = gaugeIn(
    registry,
    'gehra_rehearsal_check',
    'Result of each check of the last rehearsal: 0 ok, 1 warn, 2 fail.',
    ['check'],
  );
  const verdict = gaugeIn(
    registry,
    'gehra_rehearsal_verdict',
    'The worst result of the last rehearsal: 0 ok, 1 warn, 2 fail.',
  );
  const time = gaugeIn(
    registry,
    'gehra_rehearsal_time_seconds',
    'When the last rehearsal was, seconds since the epoch.',
  );
  const [last] = await lastRehearsals(services().db, 1);
  if (!last) return;
  verdict.set(GRADE_NUMBERS[last.verdict]);
  time.set(last.startedMs / 1000);
  for (const { name, result } of last.checks) check.set({ check: name }, GRADE_NUMBERS[result]);
}
