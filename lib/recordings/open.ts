/** Finds out what a recording is and opens it. */
import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { isBinanceLine, openBinance } from './binance.ts';
import { readFirstLine } from './lines.ts';
import { openNseSummary } from './nse-summaries.ts';
import { type Recording, RecordingError } from './recording.ts';
import { openShanghai, SHANGHAI_HEADER } from './shanghai.ts';

/** Files of a recording's folder that are the recording itself. */
const RECORDINGS = /(_events\.csv|raw\.jsonl)(\.gz)?$/;

/**
 * Opens a recording by what is in it.
 *
 * @param target a file, or a folder with one recording
 * @throws RecordingError where it cannot be read or is none that is known
 */
export async function openRecordingFile(target: string): Promise<Recording> {
  const file = fileOf(target);
  const first = await readFirstLine(file);
  if (first === SHANGHAI_HEADER) return openShanghai(file);
  if (isBinanceLine(first)) return openBinance(file, first);
  const summary = openNseSummary(file, first);
  if (summary) return summary;
  throw new RecordingError(`${file} is no recording that is known here: it begins with "${first.slice(0, 60)}"`);
}

/** The file of a recording: `target` itself, or the one in that folder. @throws RecordingError */
export function fileOf(target: string): string {
  if (!statSync(target, { throwIfNoEntry: false })) throw new RecordingError(`there is no recording at ${target}`);
  if (!statSync(target).isDirectory()) return target;
  const found = readdirSync(target).filter((name) => RECORDINGS.test(name));
  const [only] = found;
  if (only !== undefined && found.length === 1) return path.join(target, only);
  const what = found.length === 0 ? 'holds no recording' : `holds several recordings: name one of ${found.join(', ')}`;
  throw new RecordingError(`${target} ${what}`);
}
