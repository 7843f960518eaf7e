import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { calendarFile, readEntered, watchHours, writeEntered } from './calendar-file.ts';

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
])('refuses %s', (text, words) => {
  writeFileSync(calendarFile(dir), text);
  expect(() => readEntered(dir)).toThrow(words);
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
