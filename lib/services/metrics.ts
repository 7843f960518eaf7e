/** What a Prometheus reads: whether feeds and writers work, and how the last rehearsal went. No secrets, no market data. */
import { Gauge, Registry } from 'prom-client';
import { lastRehearsals } from '../../db/rehearsals.ts';
import type { Grade } from '../core/finding.ts';
import { readAllStatuses } from '../queue/status.ts';
import type { Caller } from './access.ts';
import { services } from './context.ts';

const GRADE_NUMBERS: Readonly<Record<Grade, number>> = { ok: 0, warn: 1, fail: 2 };

/** In Prometheus's text format, made anew for each question. */
export async function metricsText(_caller: Caller): Promise<{ readonly contentType: string; readonly text: string }> {
  const registry = new Registry();
  const gauge = <Labels extends string>(name: string, help: string, labelNames: readonly Labels[]): Gauge<Labels> =>
    new Gauge({ name, help, labelNames: [...labelNames], registers: [registry] });
  await Promise.all([addStatuses(gauge), addRehearsal(gauge)]);
  return { contentType: registry.contentType, text: await registry.metrics() };
}

type MakeGauge = <Labels extends string>(name: string, help: string, labels: readonly Labels[]) => Gauge<Labels>;

async function addStatuses(gauge: MakeGauge): Promise<void> {
  const state = gauge('gehra_feed_state', 'State of each feed; 1 for the one it is in.', ['feed', 'state']);
  const gap = gauge('gehra_feed_gap_open', 'Whether the feed has an open gap: 1 or 0.', ['feed']);
  const rejects = gauge('gehra_feed_rejects', 'Packets that could not be believed, since the collector started.', [
    'feed',
  ]);
  const lag = gauge('gehra_writer_lag_seconds', 'How far the database is behind the stream of a feed.', ['feed']);
  const writing = gauge('gehra_writer_up', 'Whether a writer commits: 1 or 0.', ['writer']);
  for (const [process, status] of await readAllStatuses(services().redis)) {
    if (status.kind === 'collector') {
      for (const [feed, of] of Object.entries(status.feeds)) {
        state.set({ feed, state: of.state }, 1);
        gap.set({ feed }, of.gapFromUs === null ? 0 : 1);
        rejects.set({ feed }, of.rejects);
      }
    } else {
      writing.set({ writer: process }, status.failure === null ? 1 : 0);
      for (const [feed, lagMs] of Object.entries(status.lagMs)) lag.set({ feed }, lagMs / 1000);
    }
  }
}

async function addRehearsal(gauge: MakeGauge): Promise<void> {
  const check = gauge('gehra_rehearsal_check', 'Result of each check of the last rehearsal: 0 ok, 1 warn, 2 fail.', [
    'check',
  ]);
  const verdict = gauge('gehra_rehearsal_verdict', 'The worst of them.', []);
  const time = gauge('gehra_rehearsal_time_seconds', 'When the last rehearsal was, seconds since the epoch.', []);
  const [last] = await lastRehearsals(services().db, 1);
  if (!last) return;
  verdict.set(GRADE_NUMBERS[last.verdict]);
  time.set(last.startedMs / 1000);
  for (const { name, result } of last.checks) check.set({ check: name }, GRADE_NUMBERS[result]);
}
