import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pino from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { feedById } from '../core/feeds.ts';
import { compressClosedSegments, deleteDaysBefore } from './archive.ts';
import { RECORD, type RecordKind } from './format.ts';
import { JournalCursor, listSegments, recoverJournal } from './reader.ts';
import { JournalWriter } from './writer.ts';

const FEED = feedById(31);
/** 2026-11-25 09:15 IST, µs. */
const OPEN_US = Date.UTC(2026, 10, 25, 3, 45) * 1000;
const DAY_US = 86_400_000_000;

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'gehra-journal-'));
});
afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

function openWriter({
  afterUs = 0,
  segmentBytes = 1_000_000,
  nowMs = (): number => 0,
  into = dir,
} = {}): JournalWriter {
  return new JournalWriter(
    {
      dir: into,
      feed: FEED,
      segmentBytes,
      log: pino({ level: 'silent' }),
      opening: () => Buffer.from('opened'),
      nowMs,
    },
    afterUs,
  );
}

/** Writes frames, one flush each. */
function write(writer: JournalWriter, ...frames: [stampUs: number, payload: string | Uint8Array][]): boolean[] {
  return frames.map(([stampUs, payload]) => {
    writer.append(stampUs, RECORD.frame, Buffer.from(payload));
    return writer.flush(stampUs, stampUs);
  });
}

async function readAll(afterUs = 0): Promise<[number, RecordKind, string][]> {
  const cursor = new JournalCursor(dir, FEED.name, afterUs);
  const all: [number, RecordKind, string][] = [];
  for (let records = await cursor.next(); records.length > 0; records = await cursor.next()) {
    for (const { stampUs, kind, payload } of records) all.push([stampUs, kind, payload.toString('latin1')]);
  }
  return all;
}

const onlyFile = (): string => {
  const [segment] = listSegments(dir, FEED.name);
  if (!segment) throw new Error('no segment');
  return segment.file;
};

describe('the journal', () => {
  it('gives back records in order, each segment beginning with its opening', async () => {
    const writer = openWriter();
    writer.append(OPEN_US, RECORD.frame, Buffer.from('a'));
    writer.append(OPEN_US + 1, RECORD.event, Buffer.from('b'));
    expect(writer.flush(OPEN_US, OPEN_US + 1)).toBe(true);
    expect(writer.lastStampUs).toBe(OPEN_US + 1);
    writer.close();
    expect(await readAll()).toEqual([
      [OPEN_US - 1, RECORD.event, 'opened'],
      [OPEN_US, RECORD.frame, 'a'],
      [OPEN_US + 1, RECORD.event, 'b'],
    ]);
  });

  it('begins a segment with each trading day, and where one is full', async () => {
    const writer = openWriter({ segmentBytes: 64 });
    // 23:59:59 IST and a second later.
    const midnightUs = Date.UTC(2026, 10, 25, 18, 30) * 1000;
    write(writer, [midnightUs - 1_000_000, 'x'.repeat(80)], [midnightUs - 500_000, 'y'], [midnightUs, 'z']);
    writer.close();
    expect(readdirSync(path.join(dir, FEED.name)).sort()).toEqual(['2026-11-25', '2026-11-26']);
    expect(listSegments(dir, FEED.name).map(({ firstStampUs }) => firstStampUs)).toEqual([
      midnightUs - 1_000_000,
      midnightUs - 500_000,
      midnightUs,
    ]);
    // From the segment that holds the next record on, with that segment's opening.
    expect((await readAll(midnightUs - 500_000)).map(([, , payload]) => payload)).toEqual([
      'opened',
      'y',
      'opened',
      'z',
    ]);
  });

  it('is read while it grows', async () => {
    const writer = openWriter();
    write(writer, [OPEN_US, 'a']);
    const cursor = new JournalCursor(dir, FEED.name, 0);
    expect((await cursor.next()).length).toBe(2);
    expect(await cursor.next()).toEqual([]);
    write(writer, [OPEN_US + 5, 'b']);
    expect((await cursor.next()).map(({ stampUs }) => stampUs)).toEqual([OPEN_US + 5]);
    writer.close();
  });

  it('gives records larger than what is read at a time', async () => {
    const writer = openWriter({ segmentBytes: 64_000_000 });
    const large = Buffer.alloc(6_000_000, 7);
    write(writer, [OPEN_US, large], [OPEN_US + 1, 'small'], [OPEN_US + 2, large]);
    writer.close();
    expect((await readAll()).map(([, , payload]) => payload.length)).toEqual([6, 6_000_000, 5, 6_000_000]);
  });
});

describe('after a crash', () => {
  it('a record cut anywhere is cut off, the ones before it stay, and writing goes on', async () => {
    const writer = openWriter();
    write(writer, [OPEN_US, 'first'], [OPEN_US + 1, 'second'], [OPEN_US + 2, 'third']);
    writer.close();
    const file = onlyFile();
    const whole = readFileSync(file);
    const lastRecordBytes = 17 + 'third'.length;
    for (let cut = 1; cut < lastRecordBytes; cut += 1) {
      writeFileSync(file, whole);
      truncateSync(file, whole.length - cut);
      expect(recoverJournal(dir, FEED.name)).toEqual({ lastStampUs: OPEN_US + 1, cutBytes: lastRecordBytes - cut });
      expect((await readAll()).map(([, , payload]) => payload)).toEqual(['opened', 'first', 'second']);
    }
    const next = openWriter({ afterUs: OPEN_US + 1 });
    write(next, [OPEN_US + 9, 'after']);
    next.close();
    expect((await readAll()).map(([, , payload]) => payload)).toEqual(['opened', 'first', 'second', 'opened', 'after']);
  });

  it('a flipped bit ends the segment where it stands', () => {
    const writer = openWriter();
    write(writer, [OPEN_US, 'first'], [OPEN_US + 1, 'second']);
    writer.close();
    const file = onlyFile();
    const bytes = readFileSync(file);
    bytes[bytes.length - 3] = (bytes[bytes.length - 3] as number) ^ 1;
    writeFileSync(file, bytes);
    expect(recoverJournal(dir, FEED.name).lastStampUs).toBe(OPEN_US);
  });

  it('a segment that died before its first record is nothing, and the one before it counts', () => {
    const writer = openWriter();
    write(writer, [OPEN_US, 'first']);
    writer.close();
    const torn = path.join(path.dirname(onlyFile()), `${OPEN_US + 50}.gj`);
    for (const content of ['', 'GEHR', 'GEHRAJ1\n']) {
      writeFileSync(torn, content);
      expect(recoverJournal(dir, FEED.name).lastStampUs).toBe(OPEN_US);
    }
    expect(recoverJournal(dir, 'dhan-depth200-2')).toEqual({ lastStampUs: 0, cutBytes: 0 });
  });

  it('rubbish appended behind the last record does no harm', async () => {
    const writer = openWriter();
    write(writer, [OPEN_US, 'first']);
    writer.close();
    appendFileSync(onlyFile(), Buffer.alloc(1000, 0xff));
    expect(recoverJournal(dir, FEED.name)).toEqual({ lastStampUs: OPEN_US, cutBytes: 1000 });
    expect((await readAll()).length).toBe(2);
  });
});

const isRoot = process.getuid?.() === 0;

describe('on a full disk', () => {
  it.skipIf(!isRoot)(
    'nothing is written by halves, it is said, and it goes on when there is room (needs root: mounts a tmpfs)',
    async () => {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', dir]);
      try {
        let nowMs = 0;
        const writer = openWriter({ nowMs: () => nowMs });
        const frame = 'x'.repeat(10_000);
        const results = write(writer, ...Array.from({ length: 12 }, (_, i): [number, string] => [OPEN_US + i, frame]));
        const fitted = results.indexOf(false);
        expect(fitted).toBeGreaterThan(2);
        expect(results.slice(fitted)).not.toContain(true);
        expect(writer.failure).toMatch(/ENOSPC/);
        expect((await readAll()).length).toBe(1 + fitted);

        // Not tried again at once: a full disk stays full for a while.
        execFileSync('mount', ['-o', 'remount,size=1m', dir]);
        expect(write(writer, [OPEN_US + 100, 'early'])).toEqual([false]);
        nowMs = 6000;
        expect(write(writer, [OPEN_US + 101, 'late'])).toEqual([true]);
        expect(writer.failure).toBeNull();
        writer.close();
        expect((await readAll()).slice(1 + fitted).map(([, , payload]) => payload)).toEqual(['opened', 'late']);
      } finally {
        execFileSync('umount', [dir]);
      }
    },
  );
});

describe('closed segments', () => {
  it('are compressed, read the same, also by who was reading them; the open one is left alone', async () => {
    const writer = openWriter({ segmentBytes: 64 });
    const frames = Array.from({ length: 5 }, (_, i): [number, string] => [OPEN_US + i * 10, `frame ${i} `.repeat(20)]);
    write(writer, ...frames);
    writer.close();
    const before = await readAll();
    const reading = new JournalCursor(dir, FEED.name, 0);
    const seen = [...(await reading.next())];

    expect(await compressClosedSegments(dir)).toBe(4);
    expect(listSegments(dir, FEED.name).map(({ form }) => form)).toEqual([
      'brotli',
      'brotli',
      'brotli',
      'brotli',
      'raw',
    ]);
    expect(await readAll()).toEqual(before);
    for (let records = await reading.next(); records.length > 0; records = await reading.next()) seen.push(...records);
    expect(seen.map(({ stampUs }) => stampUs)).toEqual(before.map(([stampUs]) => stampUs));
    expect(await compressClosedSegments(dir)).toBe(0);
  });

  it('present in both forms, after a kill, are read once', async () => {
    const writer = openWriter({ segmentBytes: 64 });
    write(writer, [OPEN_US, 'a'.repeat(80)], [OPEN_US + 10, 'b'.repeat(80)]);
    writer.close();
    const first = onlyFile();
    const raw = readFileSync(first);
    await compressClosedSegments(dir);
    writeFileSync(first, raw);
    expect((await readAll()).filter(([, kind]) => kind === RECORD.frame).length).toBe(2);
  });

  it('go by whole days when retention says so', async () => {
    const writer = openWriter();
    write(writer, [OPEN_US, 'old'], [OPEN_US + DAY_US, 'new']);
    writer.close();
    expect(await deleteDaysBefore(dir, '2026-11-26')).toBe(1);
    expect((await readAll()).map(([, , payload]) => payload)).toEqual(['opened', 'new']);
  });
});
