/** Seals the journal in the evening. */
import path from 'node:path';
import type { Config } from '../../lib/config/config.ts';
import { LockHeldError } from '../../lib/journal/lock.ts';
import { sealJournal } from '../../lib/journal/seal.ts';
import { wallClockUs } from '../../lib/obs/clock.ts';
import type { Log } from '../../lib/obs/log.ts';

/** After everything that is recorded has closed, also on days with sessions on a Saturday; long before the next morning. */
export const SEAL_PATTERN = '40 23 * * *';

/**
 * Everything closed that is not sealed yet, of whatever day: what a job that was down left is made up for. The newest
 * segment of each feed is left, since collectors run: it is closed when the next one is begun, and sealed that evening.
 */
export async function sealClosed(config: Pick<Config, 'dataDir'>, log: Log): Promise<void> {
  const dir = path.join(config.dataDir, 'journal');
  const wish = { day: null, feed: null, dryRun: false, newest: false };
  try {
    const { sealed, open, failed } = await sealJournal(dir, wish, wallClockUs(), log);
    log.info({
      event: 'journal_sealed',
      segments: sealed.length,
      rawBytes: sealed.reduce((sum, { rawBytes }) => sum + rawBytes, 0),
      sealedBytes: sealed.reduce((sum, { sealedBytes }) => sum + (sealedBytes ?? 0), 0),
      open: open.length,
      failed: failed.length,
    });
    if (failed.length > 0) throw new Error(`${failed.length} segments were not sealed: ${failed[0]?.reason}`);
  } catch (error) {
    if (!(error instanceof LockHeldError)) throw error;
    log.info({ event: 'journal_is_being_sealed' });
  }
}
