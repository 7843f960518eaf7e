/** `./gehra seal`: rewrites closed segments of the journal in a few percent of their size, or checks those that are. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Feed } from '../../lib/core/feeds.ts';
import { LockHeldError } from '../../lib/journal/lock.ts';
import { checkSealed, type SealedNote, type SealReport, sealJournal } from '../../lib/journal/seal.ts';
import { wallClockUs } from '../../lib/obs/clock.ts';
import { createLog } from '../../lib/obs/log.ts';
import { table } from '../terminal/table.ts';
import { EXIT, UserError } from '../user-error.ts';

export interface SealOptions {
  readonly dataDir: string;
  /** IST date. */
  readonly day?: string;
  readonly feed?: Feed;
  readonly dryRun?: boolean;
  /** Reads what is sealed instead. */
  readonly check?: boolean;
}

export async function seal({ dataDir, day, feed, dryRun = false, check = false }: SealOptions): Promise<void> {
  const dir = path.join(dataDir, 'journal');
  if (!existsSync(dir)) throw new UserError(`There is no journal in ${dir}: nothing has been recorded there.`);
  const which = { day: day ?? null, feed: feed ?? null };
  if (check) {
    sayDamage(checkSealed(dir, which));
    return;
  }
  try {
    const log = createLog('seal', 'silent');
    sayReport(await sealJournal(dir, { ...which, dryRun, newest: true }, wallClockUs(), log), dryRun);
  } catch (error) {
    if (!(error instanceof LockHeldError)) throw error;
    throw new UserError('The journal is being sealed or compressed already. Try again in a minute.');
  }
}

function sayDamage({ whole, damaged }: ReturnType<typeof checkSealed>): void {
  process.stdout.write(`${whole} sealed blocks are whole.\n`);
  if (damaged.length === 0) return;
  process.stderr.write(`${damaged.join('\n')}\n`);
  process.exitCode = EXIT.failed;
}

function sayReport({ sealed, open, failed }: SealReport, dryRun: boolean): void {
  if (sealed.length === 0) process.stdout.write('There is nothing to seal.\n');
  else process.stdout.write(table([HEADING, ...byFeedAndDay(sealed)]));
  if (dryRun && sealed.length > 0) process.stdout.write('Nothing was changed.\n');
  if (open.length > 0) {
    process.stdout.write(
      `Left, as it may still be written to (${open.length}): ${open.map((file) => path.basename(file)).join(', ')}\n`,
    );
  }
  for (const { file, reason } of failed) process.stderr.write(`${file} was not sealed: ${reason}\n`);
  if (failed.length > 0) process.exitCode = EXIT.failed;
}

const HEADING = ['day', 'feed', 'segments', 'raw', 'sealed'];

function byFeedAndDay(notes: readonly SealedNote[]): string[][] {
  const groups = new Map<string, SealedNote[]>();
  for (const note of notes) {
    const key = `${note.day} ${note.feed}`;
    groups.set(key, [...(groups.get(key) ?? []), note]);
  }
  return [...groups.values()].map((group) => {
    const { day, feed } = group[0] as SealedNote;
    const rawBytes = group.reduce((sum, note) => sum + note.rawBytes, 0);
    const sealedBytes = group.reduce((sum, note) => sum + (note.sealedBytes ?? 0), 0);
    const isKnown = group.every((note) => note.sealedBytes !== null);
    return [day, feed, String(group.length), kilobytes(rawBytes), isKnown ? kilobytes(sealedBytes) : ''];
  });
}

const kilobytes = (bytes: number): string => `${Math.ceil(bytes / 1000).toLocaleString('en-IN')} kB`;
