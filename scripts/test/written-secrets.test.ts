import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { searchWritten } from './written-secrets.ts';

let dir = '';
beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'gehra-written-'));
  mkdirSync(path.join(dir, 'e2e-instances/0'), { recursive: true });
});
afterEach(() => rmSync(dir, { recursive: true }));

const messages = (): string[] => searchWritten(dir, 'canary-of-this-run').failures.map(({ message }) => message);

it('is content with outputs that hold none, and with no output at all', () => {
  expect(searchWritten(path.join(dir, 'none'), 'canary').passed).toBe(1);
  writeFileSync(path.join(dir, 'unit.log'), 'all is well, the password was [secret]');
  expect(messages()).toEqual([]);
});

it('S15: finds the password of the servers in a log of an instance', () => {
  writeFileSync(
    path.join(dir, 'e2e-instances/0/web.log'),
    '{"url":"postgres://gehra:canary-of-this-run@127.0.0.1/gehra"}',
  );
  expect(messages()).toEqual(['e2e-instances/0/web.log holds the password of a server']);
});

it('S15: finds a token by its shape in the output of a stage', () => {
  const token = ['eyJhbGciOiJIUzUxMiJ9', 'eyJpc3MiOiJkaGFuIiwi', 'c2lnbmF0dXJlLW9mLWl0'].join('.');
  writeFileSync(path.join(dir, 'system.log'), `\n${token}\n`);
  expect(messages()).toEqual(['system.log:2 eyJhbGci… looks like a signed token (JWT)']);
});
