/** Names of metrics, and that the dashboard and the alarms ask for nothing that there is not. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import '../../collectors/metrics.ts';
import '../../workers/jobs/metrics.ts';
import '../../workers/signals/metrics.ts';
import '../../workers/writer/metrics.ts';
import '../queue/jobs.ts';
import '../services/web-metrics.ts';
import { systemdUnits } from '../../scripts/systemd/units.ts';
import { Calendar } from '../calendar/calendar.ts';
import { packageRoot } from '../config/root.ts';
import { IST_OFFSET_US } from '../core/ist.ts';
import { WHOLE_METRICS } from '../services/metrics.ts';
import { registry, violated, watchProcess } from './metrics.ts';

watchProcess();
const ours = await registry.getMetricsAsJSON();
/** `type` is text when a metric is told. */
const typeOf = new Map(ours.map(({ name, type }) => [name, String(type)]));
const known = new Set<string>([
  ...WHOLE_METRICS,
  ...ours.flatMap(({ name, type }) =>
    String(type) === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
  ),
]);

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly description: string };
}
interface Panel {
  readonly title: string;
  readonly type: string;
  readonly description?: string;
  readonly panels?: readonly Panel[];
  readonly targets?: readonly { readonly expr: string }[];
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
}
const read = (file: string): string => readFileSync(path.join(packageRoot, 'ops', file), 'utf8');
const rules = (parse(read('prometheus/alerts.yml')) as { groups: { name: string; rules: Rule[] }[] }).groups.flatMap(
  (group) => group.rules,
);
const dashboard = JSON.parse(read('grafana/gehra.json')) as { uid: string; title: string; panels: Panel[] };
const panels = dashboard.panels.filter(({ type }) => type !== 'row');

/** Whatever stands in a query as a metric does: before its labels, or by itself as ours are named. */
const metricsIn = (expr: string): string[] => [...new Set(expr.match(/\b(gehra|process|nodejs)_[a-z0-9_]+\b/g) ?? [])];

describe('metrics', () => {
  it.each(ours.filter(({ name }) => name.startsWith('gehra_')))('$name is named as Prometheus wants it', (metric) => {
    const { name, help } = metric;
    expect(name).toMatch(/^gehra_[a-z]+(_[a-z]+)+$/);
    expect(help).toMatch(/^[A-Z].{15,}\.$/);
    expect(name.endsWith('_total')).toBe(typeOf.get(name) === 'counter');
    if (typeOf.get(name) === 'histogram') expect(name).toMatch(/_(seconds|rows)$/);
    if (/second|time|age|delay/i.test(help) && typeOf.get(name) !== 'counter') expect(name).toMatch(/_(seconds|rows)$/);
  });

  it('are of every stage', () => {
    expect([...known]).toEqual(
      expect.arrayContaining([
        'gehra_feed_frames_total',
        'gehra_feed_publish_seconds_bucket',
        'gehra_writer_copy_seconds_bucket',
        'gehra_writer_age_seconds_bucket',
        'gehra_signals_lag_seconds',
        'gehra_web_streams',
        'gehra_disk_free_bytes',
        'gehra_jobs_total',
        'nodejs_eventloop_lag_p99_seconds',
        'process_resident_memory_bytes',
      ]),
    );
  });

  it('count an invariant that was broken, beginning with 0', async () => {
    const count = async (): Promise<(number | undefined)[]> => {
      const metrics = await registry.getMetricsAsJSON();
      return (
        metrics.find(({ name }) => name === 'gehra_invariant_violations_total')?.values.map(({ value }) => value) ?? []
      );
    };
    expect(await count()).toEqual([0, 0, 0]);
    violated('journal_damaged');
    expect(await count()).toEqual([0, 1, 0]);
  });
});

it('all stand in docs/MONITORING.md, as they are', async () => {
  const text = readFileSync(path.join(packageRoot, 'docs/MONITORING.md'), 'utf8');
  const rows = [...text.matchAll(/^\| `(gehra_\w+)` \| (\w+) \|/gm)].map(([, name = '', type = '']) => [name, type]);
  const expected = [
    ...[...typeOf].filter(([name]) => name.startsWith('gehra_')),
    ...WHOLE_METRICS.map((name) => [name, 'gauge']),
  ];
  expect(rows.toSorted()).toEqual(expected.toSorted());
  for (const { name, help } of ours) if (name.startsWith('gehra_')) expect(text, name).toContain(help);
});

describe('alarms', () => {
  it.each(rules)('$alert asks for metrics that there are, and says what is wrong and what to do', (rule) => {
    const asked = metricsIn(rule.expr);
    if (rule.alert !== 'GehraDown') expect(asked.length).toBeGreaterThan(0);
    expect(asked.filter((name) => !known.has(name))).toEqual([]);
    expect(['critical', 'warning']).toContain(rule.labels.severity);
    expect(rule.annotations.summary).toMatch(/\S/);
    expect(rule.annotations.description).toMatch(/\.$/);
  });

  it('do not miss a web process that the timers of ./gehra install have stopped', () => {
    const units = systemdUnits(new Calendar(), {
      ...{ checkout: '/opt/gehra', dataDir: '/var/lib/gehra', user: 'gehra' },
      ...{ segments: ['FO'], fromDate: '2026-11-02' },
    });
    const minuteOf = (name: string): number => {
      const [, hours, minutes] = / (\d\d):(\d\d):00 Asia/.exec(units[name] ?? '') ?? [];
      return Number(hours) * 60 + Number(minutes) - IST_OFFSET_US / 60_000_000;
    };
    const down = rules.find(({ alert }) => alert === 'GehraDown')?.expr ?? '';
    const [, from, to] = /minute\(\) >= (\d+) < (\d+)/.exec(down) ?? [];
    expect(Number(from)).toBeGreaterThan(minuteOf('gehra-start.timer'));
    expect(Number(to)).toBeLessThan(minuteOf('gehra-stop.timer'));
    expect(Number(to) - Number(from), 'the whole session is between them').toBeGreaterThan(6.5 * 60);
  });

  it('have names of their own, and speak of what must not be missed', () => {
    const names = rules.map(({ alert }) => alert);
    expect(new Set(names).size).toBe(names.length);
    const all = rules.flatMap(({ expr }) => metricsIn(expr));
    for (const name of [
      'gehra_process_up',
      'gehra_dependency_up',
      'gehra_feed_silence_seconds',
      'gehra_feed_gaps_total',
      'gehra_feed_disconnects_total',
      'gehra_writer_lag_seconds',
      'gehra_writer_up',
      'gehra_signals_interruptions_total',
      'gehra_stream_memory_max_bytes',
      'gehra_disk_free_bytes',
      'gehra_invariant_violations_total',
    ]) {
      expect(all).toContain(name);
    }
  });
});

describe('the dashboard', () => {
  it.each(panels)('$title asks for metrics that there are', ({ targets = [] }) => {
    expect(targets.length).toBeGreaterThan(0);
    for (const { expr } of targets) {
      expect(metricsIn(expr).length).toBeGreaterThan(0);
      expect(metricsIn(expr).filter((name) => !known.has(name))).toEqual([]);
    }
  });

  it('has a place for each panel, and no two on the same', () => {
    const taken = new Set<string>();
    for (const { gridPos, title } of dashboard.panels) {
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
          expect(x, title).toBeLessThan(24);
          expect(taken, title).not.toContain(`${x},${y}`);
          taken.add(`${x},${y}`);
        }
      }
    }
    expect(dashboard.uid).toBe('gehra');
  });
});
