import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pino from 'pino';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { feedById } from '../../lib/core/feeds.ts';
import { RECORD } from '../../lib/journal/format.ts';
import { JournalWriter } from '../../lib/journal/writer.ts';
import { gehra } from '../support/gehra.ts';

const FEED = feedById(31);
const OPEN_US = Date.UTC(2026, 10, 24, 3, 45) * 1000;

let data: string;
beforeEach(() => {
  data = mkdtempSync(path.join(tmpdir(), 'gehra-seal-verb-'));
});
afterEach(() => {
  rmSync(data, { recursive: true, force: true });
});

it('seals what is closed, says how small it got, checks it, and names what is damaged', async () => {
  const nothing = await gehra(['seal', '--data', data]);
  expect([nothing.code, nothing.stderr]).toEqual([1, expect.stringContaining('There is no journal in')]);

  const writer = new JournalWriter(
    {
      dir: path.join(data, 'journal'),
      feed: FEED,
      segmentBytes: 1_000_000,
      log: pino({ level: 'silent' }),
      opening: () => Buffer.from('{"type":"opened"}'),
      nowMs: () => 0,
    },
    0,
  );
  for (let i = 0; i < 50; i += 1) writer.append(OPEN_US + i, RECORD.frame, Buffer.alloc(1000, i));
  expect(writer.flush(OPEN_US, OPEN_US + 49)).toBe(true);
  writer.close();
  const folder = path.join(data, 'journal', FEED.name, '2026-11-24');

  const dry = await gehra(['seal', '--data', data, '--dry-run']);
  expect(dry.stdout).toMatch(/2026-11-24 +dhan-depth200-1 +1 +51 kB\nNothing was changed\./);
  expect(readdirSync(folder)).toEqual([`${OPEN_US}.gj`]);

  const done = await gehra(['seal', '--data', data]);
  expect([done.code, done.stdout]).toEqual([
    0,
    expect.stringMatching(/2026-11-24 +dhan-depth200-1 +1 +51 kB +\d kB\n$/),
  ]);
  expect(readdirSync(folder)).toEqual([`${OPEN_US}.gj.sealed`]);
  expect((await gehra(['seal', '--data', data])).stdout).toBe('There is nothing to seal.\n');
  expect((await gehra(['seal', '--data', data, '--check'])).stdout).toBe('1 sealed blocks are whole.\n');

  const file = path.join(folder, `${OPEN_US}.gj.sealed`);
  const bytes = readFileSync(file);
  bytes[70] = (bytes[70] as number) ^ 1;
  writeFileSync(file, bytes);
  const damaged = await gehra(['seal', '--data', data, '--check']);
  expect([damaged.code, damaged.stderr]).toEqual([1, expect.stringContaining(`${file}: block 1 of 1 is damaged`)]);
}, 240_000);
