/** `--long`: no faults, but the load of a full day's recording, and a look at every process ten times a minute. */
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { readMetrics } from '../../lib/queue/metrics.ts';
import type { Steps } from '../../scripts/terminal/steps.ts';
import { type Holdings, holdingsOf } from './checks.ts';
import { ChaosSystem } from './system.ts';

export interface SoakOptions {
  readonly seed: number;
  readonly minutes: number;
  readonly writers: number;
}

export interface SoakResult extends SoakOptions {
  readonly processes: readonly ProcessTrend[];
  /** From a frame's receipt to its commit, ms. */
  readonly lagMs: { readonly p50: number; readonly p99: number; readonly max: number };
  /** Stored in a second, over the whole time. */
  readonly perSecond: { readonly depthFrames: number; readonly ticks: number };
  readonly gaps: number;
  /** How many processes waited for a core, on the mean of the time. */
  readonly load: number;
  readonly wrong: readonly string[];
}

export interface ProcessTrend {
  readonly name: string;
  readonly rssMib: { readonly first: number; readonly last: number; readonly slopePerHour: number };
  /** The least of what its heap held in the first and in the second half of the time; null of what is not ours. */
  readonly heapMib: { readonly first: number; readonly second: number } | null;
  readonly descriptors: { readonly first: number; readonly last: number };
}

const FRAMES_PER_SECOND = 40;
/** With the twelve contracts and stocks that the exchange lists anyhow, Kite's 3,000. */
const MORE = 2988;
/** Of books without a 200-level connection. */
const OTHERS_PER_SECOND = 1;
const LOOK_MS = 6000;
/** Share of the time that is warm-up, and of it no trend is made. */
const WARM_UP = 1 / 3;
/** What the heap still holds after a collection may be so much more in the second half: 1 MiB in a quarter of an hour is 4 in an hour. */
const HEAP_MORE_MIB = 1;
const RSS_MORE = 0.1;
const LAG_P99_MAX_MS = 2000;
/** In less than this not every process has had its large collections of garbage. */
const TREND_MINUTES_MIN = 15;
const DESCRIPTORS_MORE = 4;

export async function soak({ seed, minutes, writers }: SoakOptions, steps: Steps): Promise<SoakResult> {
  const system = await ChaosSystem.start(
    { seed, writers, framesPerSecond: FRAMES_PER_SECOND, withDisks: false, more: MORE },
    steps,
  );
  const release = system.endWithUs();
  try {
    await slowOthers(system);
    const looks: Look[] = [];
    const lags: number[] = [];
    let loads = 0;
    const beganMs = performance.now();
    const before = await stored(system);
    await steps.step(`running for ${minutes} min`, async () => {
      for (let passed = 0; passed < minutes; passed = (performance.now() - beganMs) / 60_000) {
        await delay(LOOK_MS);
        const heaps = await system.redis(heapsMib);
        looks.push({ minutes: (performance.now() - beganMs) / 60_000, held: holdingsOf(system), heaps });
        lags.push(...(await lagsMs(system)));
        loads += Number(readFileSync('/proc/loadavg', 'utf8').split(' ')[0]);
      }
    });
    const seconds = (performance.now() - beganMs) / 1000;
    const after = await stored(system);
    const warm = looks.filter((look) => look.minutes >= minutes * WARM_UP);
    const processes = [...system.children.keys()].map((name) => trendOf(name, warm));
    lags.sort((a, b) => a - b);
    const lagMs = { p50: quantile(lags, 0.5), p99: quantile(lags, 0.99), max: lags.at(-1) ?? 0 };
    const wrong: string[] = [];
    if (lagMs.p99 > LAG_P99_MAX_MS) wrong.push(`lag p99 ${Math.round(lagMs.p99)} ms`);
    for (const { name, rssMib, heapMib, descriptors } of processes) {
      if (minutes >= TREND_MINUTES_MIN) {
        // Pages of a heap come and go with the collections; what these leave is what a leak adds to.
        if (heapMib && heapMib.second > heapMib.first + HEAP_MORE_MIB) {
          wrong.push(`the heap of ${name} held ${heapMib.first.toFixed(1)} MiB and holds ${heapMib.second.toFixed(1)}`);
        }
        // The exchange keeps a ledger of all it sent.
        if (!heapMib && name !== 'simulator' && rssMib.last > rssMib.first * (1 + RSS_MORE)) {
          wrong.push(`${name} held ${rssMib.first.toFixed(0)} MiB and holds ${rssMib.last.toFixed(0)}`);
        }
      }
      if (descriptors.last > descriptors.first + DESCRIPTORS_MORE) {
        wrong.push(`${name} held ${descriptors.first} descriptors and holds ${descriptors.last}`);
      }
    }
    const [gaps] = await system.sql<{ count: number }>('SELECT count(*)::integer AS count FROM gehra.feed_gaps');
    return {
      seed,
      minutes,
      writers,
      processes,
      lagMs,
      perSecond: {
        depthFrames: (after.depthFrames - before.depthFrames) / seconds,
        ticks: (after.ticks - before.ticks) / seconds,
      },
      gaps: gaps?.count ?? 0,
      load: loads / looks.length,
      wrong,
    };
  } finally {
    release();
    await steps.step('stopping', () => system.stop());
  }
}

/** Five instruments have 200 levels and the full rate; the other books are of 20 levels. */
async function slowOthers(system: ChaosSystem): Promise<void> {
  const others = await system.sql<{ slug: string }>(
    `SELECT DISTINCT exchange || ':' || symbol AS slug FROM gehra.instruments JOIN gehra.subscriptions AS planned USING (instrument_id)
       JOIN gehra.feeds USING (feed_id)
     WHERE broker = 'dhan' AND NOT EXISTS (
       SELECT FROM gehra.subscriptions AS s JOIN gehra.feeds AS f USING (feed_id)
       WHERE s.instrument_id = planned.instrument_id AND f.kind = 'depth200') AND type <> 'INDEX'`,
  );
  for (const { slug } of others) {
    await system.control('rate', { instrument: slug, frames_per_second: OTHERS_PER_SECOND });
  }
}

/** How far each feed's stored position is behind now, ms: an upper bound of the lag, as idle feeds move by marks. */
async function lagsMs(system: ChaosSystem): Promise<number[]> {
  const rows = await system.sql<{ ms: number }>(
    `SELECT (extract(epoch FROM clock_timestamp()) * 1e3 - position / 1e3)::float8 AS ms FROM gehra.feed_positions
     WHERE feed_id IN (SELECT feed_id FROM gehra.subscriptions)`,
  );
  return rows.map(({ ms }) => ms);
}

async function stored(system: ChaosSystem): Promise<{ depthFrames: number; ticks: number }> {
  const [row] = await system.sql<{ depth: string; ticks: string }>(
    'SELECT (SELECT count(*) FROM gehra.depth_snapshots) AS depth, (SELECT count(*) FROM gehra.ticks) AS ticks',
  );
  return { depthFrames: Number(row?.depth), ticks: Number(row?.ticks) };
}

interface Look {
  readonly minutes: number;
  readonly held: ReadonlyMap<string, Holdings>;
  /** By process, MiB. */
  readonly heaps: ReadonlyMap<string, number>;
}

/** What lives longer in the heaps of our processes, as they tell it. */
async function heapsMib(redis: Redis): Promise<Map<string, number>> {
  const all = await readMetrics(redis);
  return new Map(
    all.map(({ process, metrics }) => {
      const spaces = metrics.find(({ name }) => name === 'nodejs_heap_space_size_used_bytes')?.values ?? [];
      const lasting = spaces.filter(({ labels }) => labels.space === 'old' || labels.space === 'large_object');
      return [process, lasting.reduce((sum, { value }) => sum + value, 0) / 1024 / 1024];
    }),
  );
}

/** The least heap of each half. */
function heapOf(name: string, looks: readonly Look[]): ProcessTrend['heapMib'] {
  // A single writer calls itself the first of them.
  const values = looks.flatMap(({ heaps }) => heaps.get(name) ?? heaps.get(`${name}-1`) ?? []);
  const half = Math.floor(values.length / 2);
  if (half === 0) return null;
  return { first: Math.min(...values.slice(0, half)), second: Math.min(...values.slice(half)) };
}

function trendOf(name: string, looks: readonly Look[]): ProcessTrend {
  const points = looks.flatMap(({ minutes, held }) => {
    const one = held.get(name);
    return one ? [{ hours: minutes / 60, ...one }] : [];
  });
  const [first, last] = [points[0], points.at(-1)];
  return {
    name,
    rssMib: {
      first: first?.rssMib ?? 0,
      last: last?.rssMib ?? 0,
      slopePerHour: slopeOf(points.map(({ hours, rssMib }) => [hours, rssMib])),
    },
    heapMib: heapOf(name, looks),
    descriptors: { first: first?.descriptors ?? 0, last: last?.descriptors ?? 0 },
  };
}

/** Of the straight line that lies nearest to the points, by least squares. */
export function slopeOf(points: readonly (readonly [number, number])[]): number {
  const mean = (of: (point: readonly [number, number]) => number): number =>
    points.reduce((sum, point) => sum + of(point), 0) / points.length;
  const [meanX, meanY] = [mean(([x]) => x), mean(([, y]) => y)];
  const spread = points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
  return spread === 0 ? 0 : points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0) / spread;
}

export const quantile = (sorted: readonly number[], q: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? 0;
