/**
 * What the processes measure, told to whoever answers a Prometheus: each puts its figures into a key of its own every few seconds,
 * and the web process gives those of all. So nobody but the web process has a port, and a firewall has one door.
 */
import { hostname } from 'node:os';
import type { Redis } from 'ioredis';
import { AggregatorRegistry, type MetricObjectWithValues, type MetricValue, type Registry } from 'prom-client';
import type { Log } from '../obs/log.ts';
import { registry, watchProcess } from '../obs/metrics.ts';
import { KEYS } from './keys.ts';

const PUBLISH_MS = 5000;
/** A process that has told nothing for this long is not there. */
const TTL_MS = 3 * PUBLISH_MS + 1000;

export type Metric = MetricObjectWithValues<MetricValue<string>>;

export interface ProcessMetrics {
  /** `writer-2`: what it is, and where there are several, which. */
  readonly process: string;
  /** When it told them, ms since the epoch. */
  readonly atMs: number;
  readonly metrics: readonly Metric[];
}

/**
 * Tells the figures of this process from now on. @param name of the process now; null while it has none
 *
 * @returns a function that stops, and says that the process is gone
 */
export function keepPublishing(redis: Redis, name: () => string | null, log: Log): () => Promise<void> {
  watchProcess();
  const instance = `${hostname()}:${process.pid}`;
  let busy: Promise<void> | null = null;
  const publish = async (): Promise<void> => {
    const process = name();
    if (process === null) return;
    try {
      await publishMetrics(redis, instance, { process, atMs: Date.now(), metrics: await ownMetrics() });
    } catch (error) {
      // Redis being away is said once, by the connection itself.
      log.debug({ event: 'metrics_not_published', reason: error instanceof Error ? error.message : String(error) });
    }
  };
  const tick = (): void => {
    busy ??= publish().finally(() => {
      busy = null;
    });
  };
  const timer = setInterval(tick, PUBLISH_MS);
  tick();
  return async () => {
    clearInterval(timer);
    await busy;
    await forgetMetrics(redis, instance).catch((error: Error) =>
      log.debug({ event: 'metrics_not_forgotten', reason: error.message }),
    );
  };
}

/** What this process measures now. Values that nothing has been measured of are left out. */
async function ownMetrics(): Promise<Metric[]> {
  const metrics = await registry.getMetricsAsJSON();
  return metrics.map((metric) => ({ ...metric, values: metric.values.filter(({ value }) => Number.isFinite(value)) }));
}

/** @param instance names the running process among all: its machine and its number there */
export async function publishMetrics(redis: Redis, instance: string, metrics: ProcessMetrics): Promise<void> {
  await redis.set(KEYS.metrics(instance), JSON.stringify(metrics), 'PX', TTL_MS);
  await redis.hset(KEYS.lastHeard, kindOf(metrics.process), metrics.atMs);
  await redis.zadd(KEYS.metricsOf, metrics.atMs, instance);
  await redis.zremrangebyscore(KEYS.metricsOf, '-inf', String(metrics.atMs - TTL_MS));
}

async function forgetMetrics(redis: Redis, instance: string): Promise<void> {
  await redis.zrem(KEYS.metricsOf, instance);
  await redis.del(KEYS.metrics(instance));
}

/** Of all processes that have told them lately, by name. Of several under one name each gets its machine and number added. */
export async function readMetrics(redis: Redis): Promise<ProcessMetrics[]> {
  const instances = await redis.zrange(KEYS.metricsOf, 0, '-1');
  // One by one: a cluster may hold each key elsewhere.
  const texts = await Promise.all(instances.map((instance) => redis.get(KEYS.metrics(instance))));
  const all = texts.flatMap((text, i) =>
    text ? [{ instance: instances[i] as string, told: JSON.parse(text) as ProcessMetrics }] : [],
  );
  return all
    .map(({ instance, told }) => {
      const alone = all.filter((other) => other.told.process === told.process).length === 1;
      return alone ? told : { ...told, process: `${told.process}@${instance}` };
    })
    .sort((a, b) => (a.process < b.process ? -1 : 1));
}

/** `writer-2` → `writer`. */
export const kindOf = (process: string): string => process.replace(/[-@].*$/, '');

/** By kind of process, when one told anything last, ms since the epoch; kept after its end. */
export async function lastHeard(redis: Redis): Promise<Map<string, number>> {
  const all = await redis.hgetall(KEYS.lastHeard);
  return new Map(Object.entries(all).map(([kind, ms]) => [kind, Number(ms)]));
}

/** All of them in one registry, each value labelled with its process. */
export function joinMetrics(processes: readonly ProcessMetrics[]): Registry {
  return AggregatorRegistry.aggregate(
    processes.map(({ process, metrics }) =>
      metrics.map((metric) => ({
        ...metric,
        // No two values have the same labels, so there is nothing to add up.
        aggregator: 'first' as const,
        values: metric.values.map((value) => ({ ...value, labels: { ...value.labels, process } })),
      })),
    ),
  );
}

/** A value of one process; the sum over all labels that are not named. Undefined where it has none. */
export function figureOf(
  { metrics }: ProcessMetrics,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number | undefined {
  const values = metrics
    .find((metric) => metric.name === name)
    ?.values.filter((value) => Object.entries(labels).every(([label, text]) => value.labels[label] === text));
  if (!values || values.length === 0) return undefined;
  return values.reduce((sum, { value }) => sum + value, 0);
}
