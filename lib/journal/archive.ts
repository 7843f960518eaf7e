/** Care for closed segments: compressed soon, deleted when retention says so. The open segment is never touched. */
import { createReadStream, createWriteStream } from 'node:fs';
import { readdir, rename, rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { constants, createBrotliCompress } from 'node:zlib';
import { FEEDS } from '../core/feeds.ts';
import { ARCHIVE_LOCK, ARCHIVE_WAIT_S, LockHeldError, lockFolder } from './lock.ts';
import { listSegments } from './reader.ts';

/** Level 1 compresses a depth journal about as well as gzip's 6 in a tenth of its time. */
const BROTLI_QUALITY = 1;

/**
 * Compresses every segment that is not its feed's newest. The compressed file takes its name only when it is whole, and
 * the raw one goes after that: a kill in between leaves both, of which a reader takes the raw one. While somebody seals
 * (seal.ts) or makes a backup nothing is done: the next hour does it.
 *
 * @returns how many were compressed
 */
export const compressClosedSegments = (dir: string): Promise<number> =>
  alone(dir, async () => {
    let count = 0;
    for (const { name } of FEEDS) {
      for (const { file, form } of listSegments(dir, name).slice(0, -1)) {
        if (form !== 'raw') continue;
        await compressSegment(file);
        count += 1;
      }
    }
    return count;
  });

/** @returns 0 where somebody else seals, or makes a backup */
async function alone(dir: string, work: () => Promise<number>): Promise<number> {
  let letGo: () => void;
  try {
    letGo = await lockFolder(dir, ARCHIVE_LOCK, ARCHIVE_WAIT_S);
  } catch (error) {
    if (error instanceof LockHeldError) return 0;
    throw error;
  }
  try {
    return await work();
  } finally {
    letGo();
  }
}

async function compressSegment(file: string): Promise<void> {
  const next = `${file}.br.tmp`;
  await pipeline(
    createReadStream(file),
    createBrotliCompress({ params: { [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY } }),
    createWriteStream(next, { mode: 0o600, flush: true }),
  );
  await rename(next, `${file}.br`);
  await rm(file);
}

/** Deletes whole days (IST) before `firstDay`, an ISO date; none while somebody seals or makes a backup. @returns how many feed-days went */
export const deleteDaysBefore = (dir: string, firstDay: string): Promise<number> =>
  alone(dir, async () => {
    let count = 0;
    for (const { name } of FEEDS) {
      const folder = `${dir}/${name}`;
      const days = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return [];
        throw error;
      });
      for (const day of days) {
        if (!/^\d{4}-\d{2}-\d{2}$/.test(day) || day >= firstDay) continue;
        await rm(`${folder}/${day}`, { recursive: true });
        count += 1;
      }
    }
    return count;
  });
