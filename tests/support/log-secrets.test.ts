import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { secretsInLogs } from './log-secrets.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'gehra-logs-'));
afterAll(() => rmSync(folder, { recursive: true }));

it.each([
  ['the password of a test', 'name=Asha password=correct horse battery', /web\.log holds a secret/],
  ['a secret of this process', '{"message":"abcdefghijkl"}', /begins with abcd/],
  ['a token of Dhan', '"eyJhbGciOiJIUzUxMiJ9.eyJpc3MiOiJkaGFuIn0.c2lnbmF0dXJl"', /a signed token/],
  ['a link', 'http://127.0.0.1:3000/setup?code=0123456789abcdef0123', /the code of a link/],
  ['a cookie', 'cookie: __Host-gehra.session=0123456789abcdef0123', /a session/],
  ['a token of Kite', 'wss://ws.kite.trade?api_key=k&access_token=abcd1234', /token/],
  ['an address', 'redis://gehra:0123@127.0.0.1:6379/0', /a password of an address/],
])('finds %s', (_what, line, found) => {
  writeFileSync(path.join(folder, 'web.log'), `{"event":"fine"}\n${line}\n`);
  expect(secretsInLogs(folder, ['abcdefghijkl']).join()).toMatch(found);
});

it('says nothing of what was taken out, or of a folder that there is not', () => {
  const line = '/setup?code=[secret] redis://gehra:[secret]@127.0.0.1 access_token=[secret] gehra.people';
  writeFileSync(path.join(folder, 'web.log'), line);
  expect(secretsInLogs(folder, ['abcdefghijkl'])).toEqual([]);
  expect(secretsInLogs(path.join(folder, 'none'))).toEqual([]);
});
