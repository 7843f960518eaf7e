import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pino from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Feed, feedById } from '../core/feeds.ts';
import { ASK, BID, SideLevels } from '../core/side.ts';
import { encodeDhanDepth } from '../wire/dhan-depth.ts';
import { compressClosedSegments } from './archive.ts';
import { type JournalRecord, RECORD, SEGMENT_HEADER_BYTES } from './format.ts';
import { ARCHIVE_LOCK, lockFolder } from './lock.ts';
import { JournalCursor, listSegments, recoverJournal } from './reader.ts';
import { checkSealed, type SealReport, type SealWish, sealJournal } from './seal.ts';
import { JournalDamageError, SealedSegment } from './sealed-file.ts';
import { JournalWriter } from './writer.ts';

const FEED = feedById(31);
/** 2026-11-24 and 2026-11-25, 09:15 IST, µs. */
const DAY_1_US = Date.UTC(2026, 10, 24, 3, 45) * 1000;
const DAY_2_US = Date.UTC(2026, 10, 25, 3, 45) * 1000;
/** The evening of the second. */
const NOW_US = DAY_2_US + 10 * 3600e6;
const SILENT = pino({ level: 'silent' });
const ALL: SealWish = { day: null, feed: null, dryRun: false, newest: false };

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'gehra-seal-'));
});
afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

const seal = (wish: Partial<SealWish> = {}, nowUs = NOW_US): Promise<SealReport> =>
  sealJournal(dir, { ...ALL, ...wish }, nowUs, SILENT);

/** A side whose best price and one quantity move with `i`. */
function frame(i: number): Buffer {
  const side = i % 2 === 0 ? BID : ASK;
  const levels = new SideLevels();
  levels.count = 200;
  const best = 2_594_000 + (i % 7) * 10 + (side === ASK ? 60 : 0);
  for (let level = 0; level < 200; level += 1) {
    levels.prices[level] = best + (side === ASK ? 1 : -1) * level * 10;
    levels.quantities[level] = 75 * (1 + ((level * 31 + (level === i % 200 ? i : 0)) % 40));
    levels.orders[level] = 1 + (level % 9);
  }
  return encodeDhanDepth(200, 2, 55_796, side, levels);
}

/** Frames of every shape that a feed may send, with an event in between. */
const anyPayload = (i: number): [typeof RECORD.frame | typeof RECORD.event, Buffer] => {
  if (i % 50 === 13) return [RECORD.event, Buffer.from(`{"type":"gap_opened","fromUs":${i}}`)];
  if (i % 50 === 27) return [RECORD.frame, Buffer.from([i & 0xff])];
  if (i % 50 === 31) return [RECORD.frame, Buffer.concat([frame(i), Buffer.from('garbage')])];
  return [RECORD.frame, frame(i)];
};

/** So large that a block is full with eleven: for segments of several blocks. */
const largePayload = (i: number): ReturnType<typeof anyPayload> => [RECORD.frame, Buffer.alloc(400_000, frame(i))];
const LARGE = { segmentBytes: 64_000_000, payloadOf: largePayload };

/** Writes `count` records from `fromUs` on, 100 ms apart, one flush each. */
function record(
  fromUs: number,
  count: number,
  { segmentBytes = 8_000_000, feed = FEED as Feed, payloadOf = anyPayload } = {},
): void {
  const { lastStampUs } = recoverJournal(dir, feed.name);
  const writer = new JournalWriter(
    { dir, feed, segmentBytes, log: SILENT, opening: () => Buffer.from('{"type":"opened"}'), nowMs: () => 0 },
    lastStampUs,
  );
  for (let i = 0; i < count; i += 1) {
    const stampUs = fromUs + i * 100_000;
    const [kind, payload] = payloadOf(i);
    writer.append(stampUs, kind, payload);
    expect(writer.flush(stampUs, stampUs)).toBe(true);
  }
  writer.close();
}

/** A record, with its bytes as a hash: thousands of frames are compared. */
interface Seen {
  readonly stampUs: number;
  readonly bytes: string;
}
const seen = ({ stampUs, kind, payload }: JournalRecord): Seen => ({
  stampUs,
  bytes: `${kind} ${payload.length} ${createHash('sha1').update(payload).digest('base64')}`,
});

async function readAll(afterUs = 0, from: 'opening' | 'block' = 'opening'): Promise<Seen[]> {
  const cursor = new JournalCursor(dir, FEED.name, afterUs, { from });
  const all: Seen[] = [];
  for (let records = await cursor.next(); records.length > 0; records = await cursor.next()) {
    all.push(...records.map(seen));
  }
  return all;
}

/** As readAll, going on behind what is damaged. */
async function readAround(): Promise<{ records: Seen[]; damage: string[] }> {
  const cursor = new JournalCursor(dir, FEED.name, 0);
  const records: Seen[] = [];
  const damage: string[] = [];
  for (;;) {
    try {
      const next = await cursor.next();
      if (next.length === 0) return { records, damage };
      records.push(...next.map(seen));
    } catch (error) {
      if (!(error instanceof JournalDamageError)) throw error;
      damage.push(error.message);
    }
  }
}

const forms = (): string[] => listSegments(dir, FEED.name).map(({ form }) => form);
const fileOf = (index: number): string => (listSegments(dir, FEED.name)[index] as { file: string }).file;
const namesOf = (day: string): string[] => readdirSync(path.join(dir, FEED.name, day)).sort();

describe('sealing', () => {
  it('gives the same records from open, compressed and sealed segments, in a small part of the space', async () => {
    record(DAY_1_US, 600, { segmentBytes: 1_500_000 });
    record(DAY_2_US, 10);
    const before = await readAll();
    const rawBytes = readFileSync(fileOf(0)).length;
    await compressClosedSegments(dir);
    expect(forms()).toEqual(['brotli', 'brotli', 'raw']);
    expect(await readAll()).toEqual(before);
    const { sealed, open, failed } = await seal();
    expect(failed).toEqual([]);
    expect(open).toEqual([fileOf(2)]);
    expect(sealed.map(({ day }) => day)).toEqual(['2026-11-24', '2026-11-24']);
    expect(sealed[0]?.rawBytes).toBe(rawBytes);
    expect(sealed[0]?.sealedBytes).toBeLessThan(rawBytes / 20);
    expect(forms()).toEqual(['sealed', 'sealed', 'raw']);
    expect(namesOf('2026-11-24').every((name) => name.endsWith('.gj.sealed'))).toBe(true);
    expect(await readAll()).toEqual(before);
    expect((await seal()).sealed).toEqual([]);
  });

  it('leaves the newest segment, which may be written to, until its day is two days back or no collector runs', async () => {
    record(DAY_1_US, 20);
    const before = await readAll();
    expect((await seal()).open).toEqual([fileOf(0)]);
    const letGo = await lockFolder(dir, 'dhan', 0);
    try {
      expect((await seal({ newest: true })).open).toEqual([fileOf(0)]);
    } finally {
      letGo();
    }
    expect(forms()).toEqual(['raw']);
    expect((await seal({}, DAY_1_US + 3 * 86_400e6)).sealed.length).toBe(1);
    expect(forms()).toEqual(['sealed']);
    expect(await readAll()).toEqual(before);
    // A collector that starts now finds its place, and goes on.
    expect(recoverJournal(dir, FEED.name)).toEqual({ lastStampUs: before.at(-1)?.stampUs, cutBytes: 0 });
    record(DAY_2_US, 5);
    expect((await readAll()).length).toBe(before.length + 6);
    await expect.poll(async () => (await seal({ newest: true })).open.length, { timeout: 10_000 }).toBe(0);
    expect(forms()).toEqual(['sealed', 'sealed']);
  });

  it('can be asked for one day, one feed, or only to say what it would do', async () => {
    const other = feedById(32);
    for (const feed of [FEED, other]) {
      record(DAY_1_US, 20, { feed });
      record(DAY_2_US, 20, { segmentBytes: 20_000, feed });
    }
    const { sealed } = await seal({ dryRun: true, feed: other, day: '2026-11-24' });
    expect(sealed.map(({ feed, day, sealedBytes }) => [feed, day, sealedBytes])).toEqual([
      [other.name, '2026-11-24', null],
    ]);
    expect(listSegments(dir, other.name).every(({ form }) => form === 'raw')).toBe(true);
    await seal({ feed: other, day: '2026-11-24' });
    expect(listSegments(dir, other.name).map(({ form }) => form === 'sealed')).toEqual([true, false, false, false]);
    expect(forms()).toEqual(['raw', 'raw', 'raw', 'raw']);
  });

  it('is entered at the block that holds a stamp, by who wants frames only', async () => {
    record(DAY_1_US, 30, LARGE);
    record(DAY_2_US, 1);
    const all = await readAll();
    await seal();
    const sealed = SealedSegment.open(fileOf(0));
    expect(sealed.blocks.length).toBe(3);
    const afterUs = DAY_1_US + 25 * 100_000;
    const fromBlock = await readAll(afterUs, 'block');
    expect(fromBlock[0]?.stampUs).toBe(sealed.blocks[sealed.blockAt(sealed.placeAfter(afterUs))]?.firstUs);
    expect(fromBlock).toEqual(all.slice(-fromBlock.length));
    expect(fromBlock.length).toBeLessThan(12);
    expect((await readAll(afterUs))[0]?.stampUs).toBe(DAY_1_US - 1);
    expect((await readAll(DAY_1_US + 86_000e6, 'block')).map(({ stampUs }) => stampUs)).toEqual([
      DAY_2_US - 1,
      DAY_2_US,
    ]);
  });

  it('keeps what stands behind the last whole record, too, and ends there as the raw segment does', async () => {
    record(DAY_1_US, 30);
    const file = fileOf(0);
    appendFileSync(file, Buffer.alloc(5_000_000, 0xab));
    record(DAY_2_US, 1);
    // The newest is the one of the second day now, so the first was not recovered.
    appendFileSync(file, Buffer.from('torn'));
    const raw = readFileSync(file);
    const before = await readAll();
    expect((await seal()).sealed.length).toBe(1);
    const sealed = SealedSegment.open(`${file}.sealed`);
    const again = Buffer.concat(sealed.blocks.map((_, number) => sealed.read(number)));
    expect(again.equals(raw.subarray(SEGMENT_HEADER_BYTES))).toBe(true);
    expect(await readAll()).toEqual(before);
  });

  it('leaves what is no segment of the feed, and says so', async () => {
    record(DAY_1_US, 30);
    const file = fileOf(0);
    const bytes = readFileSync(file);
    bytes[9] = 0x7f;
    writeFileSync(file, bytes);
    record(DAY_2_US, 1);
    const { failed } = await seal();
    expect(failed).toEqual([{ file, reason: `its header is not that of a segment of ${FEED.name}` }]);
    expect(readFileSync(file).equals(bytes)).toBe(true);
    expect(namesOf('2026-11-24').length).toBe(1);
  });

  it('is read on by who was reading before it was sealed', async () => {
    record(DAY_1_US, 30, LARGE);
    record(DAY_2_US, 1);
    const before = await readAll();
    const cursor = new JournalCursor(dir, FEED.name, 0);
    const read = (await cursor.next()).map(seen);
    await seal();
    for (let next = await cursor.next(); next.length > 0; next = await cursor.next()) read.push(...next.map(seen));
    expect(read).toEqual(before);
  });
});

describe('a kill while sealing', () => {
  it('at any instant leaves the journal as it reads, and the next run ends the work', async () => {
    record(DAY_1_US, 300);
    record(DAY_2_US, 1);
    const before = await readAll();
    const untouched = path.join(dir, 'untouched');
    cpSync(path.join(dir, FEED.name), untouched, { recursive: true });
    const program = path.resolve(import.meta.dirname, '../../tests/support/seal-child.ts');
    let killed = 0;
    for (let n = 0; n < 6 && forms()[0] !== 'sealed'; n += 1) {
      const child = spawn(process.execPath, ['--import', 'tsx', program, dir, String(NOW_US)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const exit = once(child, 'exit');
      // The child says when it begins and when each file of its work appears or goes; it is killed at the n-th of these.
      let said = 0;
      child.stdout.on('data', (chunk: Buffer) => {
        said += chunk.toString('latin1').split('\n').length - 1;
        if (said > n) child.kill('SIGKILL');
      });
      const [, signal] = await exit;
      if (signal === 'SIGKILL') killed += 1;
      expect(await readAll()).toEqual(before);
    }
    expect(killed).toBeGreaterThan(0);
    expect((await seal()).failed).toEqual([]);
    expect(forms()).toEqual(['sealed', 'raw']);
    expect(namesOf('2026-11-24')).toEqual([`${DAY_1_US}.gj.sealed`]);
    expect(await readAll()).toEqual(before);
  }, 240_000);

  it('between the steps: each state that it can leave is read the same and brought to its end', async () => {
    record(DAY_1_US, 300);
    record(DAY_2_US, 1);
    const before = await readAll();
    const raw = fileOf(0);
    const rawBytes = readFileSync(raw);
    await compressClosedSegments(dir);
    const brotliBytes = readFileSync(`${raw}.br`);
    await seal();
    const target = `${raw}.sealed`;
    const sealedBytes = readFileSync(target);
    const states: Record<string, [string, Buffer][]> = {
      'half a new file': [
        [raw, rawBytes],
        [`${target}.tmp`, sealedBytes.subarray(0, 5000)],
      ],
      'a whole one not renamed': [
        [`${raw}.br`, brotliBytes],
        [`${target}.tmp`, sealedBytes],
      ],
      'renamed, raw not removed': [
        [raw, rawBytes],
        [target, sealedBytes],
      ],
      'renamed, nothing removed': [
        [raw, rawBytes],
        [`${raw}.br`, brotliBytes],
        [target, sealedBytes],
      ],
      'renamed, but damaged on the disk': [
        [raw, rawBytes],
        [target, Buffer.concat([sealedBytes.subarray(0, 900), Buffer.alloc(20, 7), sealedBytes.subarray(920)])],
      ],
    };
    for (const [state, files] of Object.entries(states)) {
      for (const name of namesOf('2026-11-24')) rmSync(path.join(path.dirname(raw), name));
      for (const [file, bytes] of files) writeFileSync(file, bytes);
      expect(await readAll(), state).toEqual(before);
      expect((await seal()).failed).toEqual([]);
      expect(namesOf('2026-11-24'), state).toEqual([path.basename(target)]);
      expect(await readAll(), state).toEqual(before);
    }
  });
});

const isRoot = process.getuid?.() === 0;

describe('sealing where it cannot be done', () => {
  it.skipIf(!isRoot)('on a full disk leaves the raw file alone (needs root: mounts a tmpfs)', async () => {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1200k', 'tmpfs', dir]);
    try {
      record(DAY_1_US, 300);
      record(DAY_2_US, 1);
      const before = await readAll();
      const free = Number(spawnSync('df', ['--output=avail', '-B1', dir], { encoding: 'utf8' }).stdout.split('\n')[1]);
      writeFileSync(path.join(dir, 'filler'), Buffer.alloc(free - 8192));
      const { failed, sealed } = await seal();
      expect(sealed).toEqual([]);
      expect(failed.map(({ reason }) => reason)).toEqual([expect.stringMatching(/ENOSPC/)]);
      expect(forms()).toEqual(['raw', 'raw']);
      expect(namesOf('2026-11-24').length).toBe(1);
      expect(await readAll()).toEqual(before);
      rmSync(path.join(dir, 'filler'));
      expect((await seal()).sealed.length).toBe(1);
      expect(await readAll()).toEqual(before);
    } finally {
      // The child that holds the lock may take a moment to end.
      execFileSync('umount', ['--lazy', dir]);
    }
  });

  it('because somebody else seals or compresses, it is not begun', async () => {
    record(DAY_1_US, 10);
    record(DAY_2_US, 1);
    const letGo = await lockFolder(dir, ARCHIVE_LOCK, 0);
    await expect(seal()).rejects.toThrow(/archive/);
    expect(await compressClosedSegments(dir)).toBe(0);
    expect(forms()).toEqual(['raw', 'raw']);
    letGo();
    expect((await seal()).sealed.length).toBe(1);
  });
});

describe('a sealed segment that was damaged', () => {
  async function sealedDay(): Promise<{ before: Seen[]; file: string; sealed: SealedSegment }> {
    record(DAY_1_US, 30, LARGE);
    record(DAY_2_US, 3);
    const before = await readAll();
    await seal();
    const file = fileOf(0);
    return { before, file, sealed: SealedSegment.open(file) };
  }

  it('in a block: the block is named, all others are read', async () => {
    const { before, file, sealed } = await sealedDay();
    const { at, records, firstUs, lastUs } = sealed.blocks[1] as (typeof sealed.blocks)[number];
    const bytes = readFileSync(file);
    bytes[at + 100] = (bytes[at + 100] as number) ^ 4;
    writeFileSync(file, bytes);
    const around = await readAround();
    expect(around.damage).toEqual([
      expect.stringMatching(
        new RegExp(
          `^${file}: block 2 of 3 is damaged \\(its checksum is wrong\\): ${records} records from 2026-11-24T`,
        ),
      ),
    ]);
    expect(around.records.map(({ stampUs }) => stampUs)).toEqual(
      before.map(({ stampUs }) => stampUs).filter((stampUs) => stampUs < firstUs || stampUs > lastUs),
    );
    expect(checkSealed(dir, ALL)).toEqual({ whole: 2, damaged: around.damage });
    // What is not read, is not known to be damaged; what comes after is found by the directory.
    expect((await readAll(lastUs, 'block'))[0]?.stampUs).toBe(sealed.blocks[2]?.firstUs);
  });

  it('in its directory: blocks are found one by one', async () => {
    const { before, file } = await sealedDay();
    truncateSync(file, readFileSync(file).length - 20);
    const { records, damage } = await readAround();
    expect(damage).toEqual([expect.stringMatching(/damaged from byte \d+ on/)]);
    expect(records.map(({ stampUs }) => stampUs)).toEqual(before.map(({ stampUs }) => stampUs));
    expect(checkSealed(dir, ALL).whole).toBe(3);
  });

  it('cut off anywhere: what is whole is read, the rest is named', async () => {
    const { before, file, sealed } = await sealedDay();
    const whole = readFileSync(file);
    for (const [blocks, { at, bodyBytes }] of sealed.blocks.entries()) {
      for (const cut of [at + 10, at + 44 + Math.floor(bodyBytes / 2)]) {
        writeFileSync(file, whole.subarray(0, cut));
        const { records, damage } = await readAround();
        expect(damage.length).toBeGreaterThan(0);
        const kept = sealed.blocks.slice(0, blocks).reduce((sum, block) => sum + block.records, 0);
        expect(records.length).toBe(kept + 4);
        expect(records.slice(0, kept)).toEqual(before.slice(0, kept));
      }
    }
    expect(recoverJournal(dir, FEED.name).lastStampUs).toBe(before.at(-1)?.stampUs);
  });

  it('in its header: it is named, and the segments after it are read', async () => {
    const { file } = await sealedDay();
    const bytes = readFileSync(file);
    bytes[0] = 0;
    writeFileSync(file, bytes);
    const { records, damage } = await readAround();
    expect(damage).toEqual([`${file} is no sealed segment: its header is damaged`]);
    expect(records.length).toBe(4);
    expect(existsSync(file)).toBe(true);
  });
});
