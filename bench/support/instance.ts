/** A whole instance under a load that is set, and what its processes use. */
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { FeedKind } from '../../lib/core/feeds.ts';
import type { InstrumentSummary } from '../../lib/core/instrument.ts';
import { depthSeries, Instance, storedDepth } from '../../tests/support/instance.ts';
import { treeCpuSeconds } from './cpu.ts';

/** What stands outside the product: the exchange is the brokers' to run. */
const EXCHANGE = 'simulator';
/** Slower than this the exchange cannot be made: as good as silent. */
const SILENT_A_SECOND = 0.1;
const SETTLE_MS = 60_000;
const LOOK_MS = 100;

export interface Rates {
  /** Of the instruments that are recorded 200 levels deep, side frames a second each. */
  readonly depth200: number;
  /** Kite packets a second, of all instruments together. */
  readonly ticks: number;
}

/** Runs `work` with an instance of its own that records at these rates. */
export async function withLoad<T>(
  rates: Rates,
  work: (instance: Instance, deep: readonly InstrumentSummary[]) => Promise<T>,
): Promise<T> {
  const instance = await Instance.start();
  try {
    return await work(instance, await setRates(instance, rates));
  } finally {
    await instance.stop();
  }
}

async function setRates(instance: Instance, { depth200, ticks }: Rates): Promise<InstrumentSummary[]> {
  const response = await fetch(`${instance.appUrl}/api/instruments?subscribed=1&limit=100`);
  const { instruments } = (await response.json()) as { instruments: InstrumentSummary[] };
  for (const { slug, levels } of instruments) {
    await instance.control('rate', {
      instrument: slug,
      frames_per_second: levels === 200 ? depth200 : SILENT_A_SECOND,
      ticks_per_second: Math.max(ticks / instruments.length, SILENT_A_SECOND),
    });
  }
  return instruments.filter(({ levels }) => levels === 200);
}

/** CPU seconds so far by part of the product. */
export function cpuByPart(instance: Instance): Map<string, number> {
  const parts = instance.parts().filter((name) => name !== EXCHANGE);
  return new Map(parts.map((name) => [name, treeCpuSeconds([instance.pid(name) as number])]));
}

/** Shares of a core by part since `before`, and of all together: `% of a core`, `% writer`. */
export function coreShares(instance: Instance, before: ReadonlyMap<string, number>, seconds: number) {
  const shares: Record<string, number> = {};
  let all = 0;
  for (const [part, cpuS] of cpuByPart(instance)) {
    const share = ((cpuS - (before.get(part) as number)) / seconds) * 100;
    shares[`% ${part}`] = share;
    all += share;
  }
  return { '% of a core': all, ...shares };
}

const SERVERS = ['redis', 'postgres'];

/** Memory of our own processes, MB. */
export function memoryMb(instance: Instance): number {
  const parts = instance.parts().filter((name) => name !== EXCHANGE && !SERVERS.includes(name));
  return parts.reduce((sum, name) => sum + memoryOfPartMb(instance, name), 0);
}

/** Memory of one process, MB; a page that several share counts for each in part. */
export function memoryOfPartMb(instance: Instance, part: string): number {
  const text = readFileSync(`/proc/${instance.pid(part)}/smaps_rollup`, 'utf8');
  return Number(/^Pss:\s+(\d+) kB/m.exec(text)?.[1]) / 1000;
}

/** Stops the exchange, waits for the recorder, and holds what is stored against what was sent. @throws where they differ */
export async function expectAllStored(instance: Instance): Promise<void> {
  await instance.control('pause');
  const pausedUs = Date.now() * 1000;
  const until = performance.now() + SETTLE_MS;
  while ((await positionUs(instance)) <= pausedUs) {
    if (performance.now() > until) throw new Error(`the recorder is late by more than ${SETTLE_MS} ms`);
    await delay(LOOK_MS);
  }
  const sent = JSON.stringify(depthSeries(await instance.sent()));
  const stored = JSON.stringify(depthSeries(await storedDepth(instance)));
  if (sent !== stored) throw new Error(`not everything sent is stored.\nsent:   ${sent}\nstored: ${stored}`);
}

/** Up to where everything is stored of every feed, or of those of a kind, µs. */
export async function positionUs(instance: Instance, kind: FeedKind | null = null): Promise<number> {
  const [row] = await instance.sql<{ position: string }>(
    `SELECT min(position) AS position FROM gehra.feed_positions JOIN gehra.feeds AS feed USING (feed_id)
     WHERE feed_id IN (SELECT feed_id FROM gehra.subscriptions) AND ($1::text IS NULL OR feed.kind = $1)`,
    [kind],
  );
  return Number(row?.position);
}
