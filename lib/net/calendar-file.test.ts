import { mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { addDays } from '../core/ist.ts';
import { CalendarFileError, calendarFile, DAYS_MAX, readEntered, watchHours, writeEntered } from './calendar-file.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'gehra-calendar-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

const muhurat = {
  date: '2026-11-08',
  kind: 'muhurat',
  name: 'Diwali',
  hours: { start: '18:00', end: '19:00' },
} as const;

it('reads what it wrote, where only its owner can', () => {
  expect(readEntered(dir)).toEqual({ days: [] });
  writeEntered(dir, { knownUntil: '2027-12-31', days: [muhurat] });
  expect(readEntered(dir)).toEqual({ knownUntil: '2027-12-31', days: [muhurat] });
  expect(statSync(calendarFile(dir)).mode & 0o777).toBe(0o600);
});

it.each([
  ['{', 'is no JSON'],
  ['{"days":[{"date":"2026-13-01","kind":"holiday","name":"x"}]}', 'days.0.date: is no date'],
  ['{"days":[{"date":"2026-11-08","kind":"party","name":"x"}]}', 'days.0.kind'],
  ['{"days":[{"date":"2026-11-08","kind":"holiday","name":" "}]}', 'days.0.name: is empty'],
  [
    '{"days":[{"date":"2026-11-08","kind":"holiday","name":"x","hours":{"start":"09:00","end":"10:00"}}]}',
    'hours are for a Muhurat',
  ],
  [
    '{"days":[{"date":"2026-11-08","kind":"muhurat","name":"x","hours":{"start":"25:00","end":"26:00"}}]}',
    'no time of the form',
  ],
  [
    '{"days":[{"date":"2026-11-08","kind":"muhurat","name":"x","hours":{"start":"19:00","end":"18:00"}}]}',
    'ends before it starts',
  ],
  [JSON.stringify({ days: [muhurat, muhurat] }), 'a date stands there twice'],
  ...['\u0000', '\u001b[2J', '\u2028', '\u202e'].map((unseen): [string, string] => [
    JSON.stringify({ days: [{ ...muhurat, name: `Di${unseen}wali` }] }),
    'days.0.name: has characters that nobody sees',
  ]),
  ['[]', 'file: '],
])('refuses %s', (text, words) => {
  writeFileSync(calendarFile(dir), text);
  expect(() => readEntered(dir)).toThrow(words);
});

it.each([
  ['root:secret:20000:0', 'calendar.json is no JSON'],
  ['{"secret":1,"days":[]}', 'calendar.json cannot be used: file: has an entry that is not known here'],
])('tells nobody what stands in %s', (text, words) => {
  const elsewhere = path.join(dir, 'elsewhere');
  writeFileSync(elsewhere, text);
  symlinkSync(elsewhere, calendarFile(dir));
  expect(() => readEntered(dir)).toThrow(new CalendarFileError(words));
});

it('writes nothing that could not be read again', () => {
  writeEntered(dir, { days: [muhurat] });
  const days = Array.from({ length: DAYS_MAX + 1 }, (_, i) => ({ ...muhurat, date: addDays('2027-01-01', i) }));
  expect(() => writeEntered(dir, { days })).toThrow(`has more than ${DAYS_MAX} days`);
  expect(readEntered(dir)).toEqual({ days: [muhurat] });
});

it('says that a file cannot be looked at, and goes on', async () => {
  symlinkSync(calendarFile(dir), calendarFile(dir));
  const faults: string[] = [];
  const hours = watchHours({ dataDir: dir, marketHours: 'calendar' }, ({ message }) => faults.push(message));
  try {
    expect(hours.fault).toBe('calendar.json cannot be read (ELOOP)');
    rmSync(calendarFile(dir));
    await vi.waitFor(() => expect(hours.fault).toBeNull(), { timeout: 10_000 });
    expect(faults).toHaveLength(1);
  } finally {
    hours.stop();
  }
});

it('follows the file, and keeps what it knew where the file is broken', async () => {
  const faults: string[] = [];
  const hours = watchHours({ dataDir: dir, marketHours: 'calendar' }, ({ message }) => faults.push(message));
  try {
    const certainty = () => hours.now.calendar.sessionsOn('2026-11-08', 'FO')[0]?.certainty;
    expect(certainty()).toBe('unknown');
    writeEntered(dir, { days: [muhurat] });
    await vi.waitFor(() => expect(certainty()).toBe('known'), { timeout: 10_000 });
    writeFileSync(calendarFile(dir), 'broken by hand');
    await vi.waitFor(() => expect(hours.fault).toContain('is no JSON'), { timeout: 10_000 });
    expect(certainty()).toBe('known');
    expect(faults).toHaveLength(1);
    rmSync(calendarFile(dir));
    await vi.waitFor(() => expect(certainty()).toBe('unknown'), { timeout: 10_000 });
    expect(hours.fault).toBeNull();
  } finally {
    hours.stop();
  }
});
