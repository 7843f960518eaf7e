/**
 * The instances that the browser tests look at: one for each worker, with a seeded exchange of its own, started and
 * stopped through `./gehra` as a person would.
 */
import { cpSync, existsSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { FullConfig } from '@playwright/test';
import { packageRoot } from '../../../lib/config/root.ts';
import { Instance } from '../../support/instance.ts';

/** Workers inherit the environment: this is how they hear of their instances. */
const VARIABLE = 'E2E_INSTANCES';
/** What the processes wrote, kept when their folder goes. */
const LOGS = path.join(packageRoot, 'test-results/e2e-instances');
const SEED = '1';

/** Real brokers want patience after a disconnect; tests of what follows it would only wait. */
const SHORT_BACKOFF = { DHAN_BACKOFF_MS: '500-1000', KITE_BACKOFF_MS: '300-1000' };

/** Playwright calls it once before all tests, and what it returns once after them. */
export default async function startInstances({ workers }: FullConfig): Promise<() => Promise<void>> {
  rmSync(LOGS, { recursive: true, force: true });
  const starts = await Promise.allSettled(
    Array.from({ length: workers }, () => Instance.start(['--seed', SEED], SHORT_BACKOFF)),
  );
  const instances = starts.flatMap((start) => (start.status === 'fulfilled' ? [start.value] : []));
  const stop = async (): Promise<void> => {
    instances.forEach(keepLogs);
    await Promise.all(instances.map((instance) => instance.stop()));
  };
  const failed = starts.find((start) => start.status === 'rejected');
  if (failed) {
    await stop();
    throw failed.reason;
  }
  process.env[VARIABLE] = JSON.stringify(instances.map(({ dataDir }) => dataDir));
  return stop;
}

/** The instance of a worker. A worker that takes the place of a failed one has the same index. */
export function instanceOfWorker(parallelIndex: number): Promise<Instance> {
  const folders = JSON.parse(process.env[VARIABLE] ?? '[]') as string[];
  const dataDir = folders[parallelIndex];
  if (!dataDir) throw new Error(`no instance was started for worker ${parallelIndex}`);
  return Instance.at(dataDir);
}

function keepLogs({ dataDir }: Instance, index: number): void {
  const logs = path.join(dataDir, 'logs');
  if (existsSync(logs)) cpSync(logs, path.join(LOGS, String(index)), { recursive: true });
}
