/** What the jobs worker measures: the disk of the data folder. Jobs themselves are counted by lib/queue/jobs.ts. */
import { statfs } from 'node:fs/promises';
import type { Log } from '../../lib/obs/log.ts';
import { gauge } from '../../lib/obs/metrics.ts';

const LOOK_MS = 15_000;

const free = gauge('gehra_disk_free_bytes', 'Bytes free on the disk of the data folder.');
const size = gauge('gehra_disk_size_bytes', 'Bytes of the disk of the data folder.');

/** @returns a function that stops looking */
export function watchDisk(dataDir: string, log: Log): () => void {
  const look = async (): Promise<void> => {
    try {
      const { bavail, blocks, bsize } = await statfs(dataDir);
      free.set(bavail * bsize);
      size.set(blocks * bsize);
    } catch (error) {
      log.warn({ event: 'disk_unknown', reason: error instanceof Error ? error.message : String(error) });
    }
  };
  void look();
  const timer = setInterval(() => void look(), LOOK_MS);
  return () => clearInterval(timer);
}
