import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { Calendar } from '../../lib/calendar/calendar.ts';
import { systemdUnits } from './units.ts';

const options = {
  checkout: '/opt/gehra 100%',
  dataDir: '/var/lib/gehra',
  user: 'root',
  segments: ['CM', 'CM_FO_STOCKS', 'FO'],
  fromDate: '2026-10-30',
} as const;
const units = systemdUnits(new Calendar(), options);
const times = (name: string): string[] => units[name]?.match(/^OnCalendar=.*$/gm) ?? [];

it('starts and stops on the sessions of the calendar, and on no holiday', () => {
  expect(times('gehra-start.timer')).toEqual([
    'OnCalendar=2026-10-30 08:00:00 Asia/Kolkata',
    'OnCalendar=2026-11-02,03,04,05,06,09,11,12,13,16,17,18,19,20,23,25,26,27,30 08:00:00 Asia/Kolkata',
    // Diwali, whose hours are not known.
    'OnCalendar=2026-11-08 00:00:00 Asia/Kolkata',
    'OnCalendar=2026-12-01,02,03,04,07,08,09,10,11,14,15,16,17,18,21,22,23,24,28,29,30,31 08:00:00 Asia/Kolkata',
  ]);
  expect(times('gehra-stop.timer')).toContain('OnCalendar=2026-11-09 00:10:00 Asia/Kolkata');
  expect(times('gehra-stop.timer')).toContain('OnCalendar=2026-10-30 16:10:00 Asia/Kolkata');
});

it('follows the hours of a Muhurat session that were entered', () => {
  const entered = new Calendar({
    days: [{ date: '2026-11-08', kind: 'muhurat', name: 'Diwali', hours: { start: '18:00', end: '19:00' } }],
  });
  const text = Object.values(systemdUnits(entered, options)).join();
  expect(text).toContain('OnCalendar=2026-11-08 17:00:00 Asia/Kolkata');
  expect(text).toContain('OnCalendar=2026-11-08 19:10:00 Asia/Kolkata');
});

const analyze = spawnSync('systemd-analyze', ['--version']).status === 0;
const title = 'systemd itself';
describe.skipIf(!analyze)(analyze ? title : `${title} (skipped: no systemd-analyze on this machine)`, () => {
  it('accepts the units', () => {
    const dir = mkdtempSync(path.join(tmpdir(), 'gehra-units-'));
    const checkout = path.join(dir, 'a checkout');
    mkdirSync(checkout);
    writeFileSync(path.join(checkout, 'gehra'), '#!/bin/sh\n');
    chmodSync(path.join(checkout, 'gehra'), 0o755);
    try {
      const here = systemdUnits(new Calendar(), { ...options, checkout, dataDir: dir });
      for (const [name, text] of Object.entries(here)) writeFileSync(path.join(dir, name), text);
      const files = Object.keys(here).map((name) => path.join(dir, name));
      const { status, stderr } = spawnSync('systemd-analyze', ['verify', ...files], { encoding: 'utf8' });
      expect(stderr.split('\n').filter((line) => line.includes('gehra'))).toEqual([]);
      expect(status).toBe(0);
    } finally {
      rmSync(dir, { recursive: true });
    }
  });

  it('understands every time', () => {
    for (const line of [...times('gehra-start.timer'), ...times('gehra-stop.timer')]) {
      const said = execFileSync('systemd-analyze', ['calendar', line.replace('OnCalendar=', '')], { encoding: 'utf8' });
      expect(said).toContain('Normalized form');
    }
  });
});
