import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, it, vi } from 'vitest';
import { LogFile } from './log-file.ts';

const dir = mkdtempSync(path.join(tmpdir(), 'gehra-log-'));
afterAll(() => rmSync(dir, { recursive: true }));

const read = (file: string): string => readFileSync(file, 'utf8');

it('keeps three full files beside the current one, the newest as .1', () => {
  const file = path.join(dir, 'full.log');
  const log = new LogFile(file, 10);
  for (const letter of ['a', 'b', 'c', 'd', 'e', 'f']) log.write(letter.repeat(10));
  log.close();
  expect([file, `${file}.1`, `${file}.2`, `${file}.3`].map(read)).toEqual([
    'f'.repeat(10),
    'e'.repeat(10),
    'd'.repeat(10),
    'c'.repeat(10),
  ]);
  expect(existsSync(`${file}.4`)).toBe(false);
});

it('goes on where an earlier run ended, and only its owner may read it', () => {
  const file = path.join(dir, 'again.log');
  for (const part of ['one ', 'two ']) {
    const log = new LogFile(file, 10);
    log.write(part);
    log.close();
  }
  expect(read(file)).toBe('one two ');
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

it('says once that the disk is full, and never throws', () => {
  const stderr = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  try {
    const log = new LogFile('/dev/full');
    log.write('lost');
    log.write('lost too');
    log.close();
    log.write('after the end');
    expect(stderr.mock.calls.map(([text]) => text)).toEqual([
      expect.stringMatching(/^\/dev\/full cannot be written: ENOSPC/),
    ]);
  } finally {
    stderr.mockRestore();
  }
});

it('goes on in the full file while no other can be opened', () => {
  const stderr = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  try {
    const file = path.join(dir, 'alone.log');
    const log = new LogFile(file, 3);
    log.write('one');
    mkdirSync(`${file}.next`);
    log.write('two');
    log.write('six');
    expect(read(file)).toBe('onetwosix');
    expect(stderr).toHaveBeenCalledOnce();
    rmSync(`${file}.next`, { recursive: true });
    log.write('ten');
    log.close();
    expect([file, `${file}.1`].map(read)).toEqual(['ten', 'onetwosix']);
  } finally {
    stderr.mockRestore();
  }
});
