/** Lines of a text file, gzipped or not, in batches: a recording is never in memory whole. */
import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { RecordingError } from './recording.ts';

/** Longer than the longest line of any recording (a snapshot of 1,000 levels a side takes 62 kB). */
const LINE_BYTES_MAX = 4 * 1024 * 1024;
/** Bytes taken from the file at a time: a few thousand short lines. */
const CHUNK_BYTES = 256 * 1024;

/** @throws RecordingError where the file cannot be read to its end or a line has no end */
export async function* readLines(file: string): AsyncGenerator<string[], void, undefined> {
  let rest = '';
  try {
    for await (const chunk of open(file) as AsyncIterable<string>) {
      const lines = (rest + chunk).split(/\r?\n/);
      rest = lines.pop() as string;
      if (rest.length > LINE_BYTES_MAX) throw new RecordingError(`${file}: a line has over ${LINE_BYTES_MAX} bytes`);
      if (lines.length > 0) yield lines;
    }
  } catch (error) {
    if (error instanceof RecordingError) throw error;
    throw new RecordingError(`${file} cannot be read: ${(error as Error).message}`);
  }
  if (rest !== '') yield [rest];
}

function open(file: string): Readable {
  const source = createReadStream(file, { highWaterMark: CHUNK_BYTES });
  if (!file.endsWith('.gz')) return source.setEncoding('utf8');
  const unzipped = createGunzip({ chunkSize: CHUNK_BYTES });
  source.on('error', (error) => unzipped.destroy(error));
  unzipped.on('close', () => source.destroy());
  return source.pipe(unzipped).setEncoding('utf8');
}

/** The first line alone, to see what a file is; empty where there is none. */
export async function readFirstLine(file: string): Promise<string> {
  for await (const [first = ''] of readLines(file)) return first;
  return '';
}
