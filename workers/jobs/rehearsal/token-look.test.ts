import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { istTimeUs } from '../../../lib/core/ist.ts';
import { tokenLook } from './token-look.ts';

let tokenDir: string;
beforeEach(() => {
  tokenDir = mkdtempSync(path.join(tmpdir(), 'gehra-tokens-'));
});
afterEach(() => rmSync(tokenDir, { recursive: true }));

const atMs = (date: string, time: string): number => istTimeUs(date, time) / 1000;

function writeKite(loginMs: number): void {
  const file = path.join(tokenDir, 'access_token.txt');
  writeFileSync(file, 'abc');
  utimesSync(file, loginMs / 1000, loginMs / 1000);
}

function writeDhan(expiresMs: number): void {
  const payload = Buffer.from(JSON.stringify({ exp: expiresMs / 1000 })).toString('base64url');
  writeFileSync(
    path.join(tokenDir, 'dhan_token.json'),
    JSON.stringify({ access_token: `x.${payload}.y`, client_id: '1' }),
  );
}

it('knows that a Kite token of yesterday has ended at six, by the time alone', () => {
  writeKite(atMs('2026-11-26', '09:10'));
  expect(tokenLook('kite', { tokenDir }, atMs('2026-11-27', '05:59'))).toMatchObject({
    state: 'expiring',
    warning: 15,
  });
  expect(tokenLook('kite', { tokenDir }, atMs('2026-11-27', '08:45'))).toMatchObject({
    state: 'expired',
    detail: 'the Kite token ended at 2026-11-27 06:00 IST: log in again',
  });
  writeKite(atMs('2026-11-27', '05:00'));
  expect(tokenLook('kite', { tokenDir }, atMs('2026-11-27', '05:30')).expiresMs).toBe(atMs('2026-11-27', '06:00'));
});

it('reads from a Dhan token when it ends, and warns an hour and a quarter of an hour before', () => {
  writeDhan(atMs('2026-11-27', '10:00'));
  const warningAt = (time: string) => tokenLook('dhan', { tokenDir }, atMs('2026-11-27', time)).warning;
  expect(['08:59', '09:00', '09:44', '09:45', '10:00'].map(warningAt)).toEqual([null, 60, 60, 15, null]);
  writeFileSync(path.join(tokenDir, 'dhan_token.json'), JSON.stringify({ access_token: 'opaque', client_id: '1' }));
  expect(tokenLook('dhan', { tokenDir }, 0)).toMatchObject({ state: 'valid', expiresMs: null });
});

it('says what to do where there is none', () => {
  expect(tokenLook('dhan', { tokenDir }, 0)).toMatchObject({
    state: 'missing',
    detail: expect.stringContaining('log in to Dhan'),
  });
});
