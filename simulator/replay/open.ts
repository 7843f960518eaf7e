/** Opens what the simulated exchange is to replay: a recording, or a journal of ours. */
import { existsSync, statSync } from 'node:fs';
import { openRecordingFile } from '../../lib/recordings/open.ts';
import type { Recording } from '../../lib/recordings/recording.ts';
import { ReplayMarket } from '../../lib/recordings/replay-market.ts';
import { journalFeeds, openJournal } from './journal.ts';

/**
 * Opens a recording by what is in it: a file, a folder with one recording, or a journal's folder.
 * @throws RecordingError where it cannot be read or is none that is known
 */
export async function openReplay(target: string): Promise<ReplayMarket> {
  return ReplayMarket.open(await openAny(target));
}

async function openAny(target: string): Promise<Recording> {
  if (existsSync(target) && statSync(target).isDirectory()) {
    const feeds = journalFeeds(target);
    if (feeds.length > 0) return openJournal(target, feeds);
  }
  return openRecordingFile(target);
}
