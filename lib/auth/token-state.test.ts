import { mkdtempSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { kiteAccountText } from './kite-account.ts';
import { tokenStateOf } from './token-state.ts';

let tokenDir: string;
beforeEach(() => {
  tokenDir = mkdtempSync(path.join(tmpdir(), 'gehra-tokens-'));
});

const MINUTE = 60_000;
const ist = (text: string): number => Date.parse(`${text}+05:30`);
const write = (name: string, text: string): void => writeFileSync(path.join(tokenDir, name), text);
const jwt = (claims: object): string =>
  `${Buffer.from('{"alg":"HS512"}').toString('base64url')}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.sig`;

function writeKite(loginMs: number, token = 'canaryKiteToken'): void {
  write('access_token.txt', token);
  utimesSync(path.join(tokenDir, 'access_token.txt'), loginMs / 1000, loginMs / 1000);
}

describe('Kite', () => {
  it.each([
    ['a login in the morning', '2026-11-26T08:50:00', '2026-11-27T06:00:00'],
    ['a login at night', '2026-11-26T23:59:00', '2026-11-27T06:00:00'],
    ['a login just after midnight', '2026-11-27T00:01:00', '2026-11-27T06:00:00'],
    ['a login at six', '2026-11-27T06:00:00', '2026-11-28T06:00:00'],
  ])('ends at the next 06:00 IST after %s', (_name, login, end) => {
    writeKite(ist(login));
    expect(tokenStateOf('kite', { tokenDir }, ist(login) + MINUTE).expiresMs).toBe(ist(end));
  });

  it('T3: warns 60 and 15 minutes before, and flips at the end itself', () => {
    writeKite(ist('2026-11-26T09:00:00'));
    const at = (text: string) => {
      const { state, warning } = tokenStateOf('kite', { tokenDir }, ist(text));
      return [state, warning];
    };
    expect(at('2026-11-27T04:59:59')).toEqual(['valid', null]);
    expect(at('2026-11-27T05:00:00')).toEqual(['expiring', 60]);
    expect(at('2026-11-27T05:44:59')).toEqual(['expiring', 60]);
    expect(at('2026-11-27T05:45:00')).toEqual(['expiring', 15]);
    expect(at('2026-11-27T05:59:59.999')).toEqual(['expiring', 15]);
    expect(at('2026-11-27T06:00:00')).toEqual(['expired', null]);
  });

  it('says what is wrong with a file of the future, and names no end', () => {
    writeKite(ist('2027-12-31T09:00:00'));
    const { state, detail, expiresMs } = tokenStateOf('kite', { tokenDir }, ist('2026-11-26T09:00:00'));
    expect([state, expiresMs]).toEqual(['damaged', null]);
    expect(detail).toMatch(/access_token\.txt is dated in the future.*log in to Kite/);
  });

  it('names the account of the login that gave this token, and of no other', () => {
    writeKite(ist('2026-11-26T09:00:00'));
    write('kite_account.json', kiteAccountText('AB1234', 'Asha', 'canaryKiteToken'));
    const nowMs = ist('2026-11-26T10:00:00');
    expect(tokenStateOf('kite', { tokenDir }, nowMs)).toMatchObject({ account: 'AB1234', accountName: 'Asha' });
    writeKite(nowMs, 'putThereByHand');
    expect(tokenStateOf('kite', { tokenDir }, nowMs)).toMatchObject({ state: 'valid', account: null });
  });
});

describe('Dhan', () => {
  const EXP = ist('2026-11-27T09:10:00');
  const file = (fields: object): string => JSON.stringify({ client_id: '1000000001', ...fields });

  it('reads end, client and type from the claims, and the state from the time', () => {
    const claims = { exp: EXP / 1000, iat: 1, tokenConsumerType: 'APP', dhanClientId: '1000000001' };
    write('dhan_token.json', file({ access_token: jwt(claims), expiry: '2030-01-01T00:00:00', client_name: 'ASHA' }));
    expect(tokenStateOf('dhan', { tokenDir }, EXP - 61 * MINUTE)).toMatchObject({
      state: 'valid',
      expiresMs: EXP,
      account: '1000000001',
      accountName: 'ASHA',
      consumerType: 'APP',
    });
    expect(tokenStateOf('dhan', { tokenDir }, EXP - 10 * MINUTE)).toMatchObject({ state: 'expiring', warning: 15 });
    expect(tokenStateOf('dhan', { tokenDir }, EXP)).toMatchObject({
      state: 'expired',
      detail: 'the Dhan token ended at 27 Nov 2026, 09:10 IST: log in again',
    });
  });

  it.each([1e13, 1e300, 5e9, -1])('believes no claim of an end at %d', (exp) => {
    for (const claims of [{ exp }, { exp: EXP / 1000, iat: exp }]) {
      write('dhan_token.json', file({ access_token: jwt(claims) }));
      expect(tokenStateOf('dhan', { tokenDir }, EXP - 2 * 3_600_000)).toMatchObject({
        expiresMs: null,
        detail: 'the Dhan token does not say when it ends',
      });
    }
  });

  it("takes the file's expiry, IST without an offset, where the token has no claims", () => {
    write('dhan_token.json', file({ access_token: 'opaque', expiry: '2026-11-27T09:10:00' }));
    expect(tokenStateOf('dhan', { tokenDir }, EXP - 2 * 3_600_000)).toMatchObject({ state: 'valid', expiresMs: EXP });
    write('dhan_token.json', file({ access_token: 'opaque' }));
    expect(tokenStateOf('dhan', { tokenDir }, EXP)).toMatchObject({ state: 'valid', expiresMs: null });
  });
});

describe('T1: a file that holds no token says what is wrong with it', () => {
  it.each([
    ['empty', '', /empty/],
    ['blank', ' \n', /empty/],
    ['with a byte order mark', '\uFEFFabc', /byte order mark/],
    ['with the line ends of Windows', 'abc\r\n', /line ends of Windows/],
    ['something else', 'two words', /something else than a token/],
    ['JSON', '{"access_token":"x"}', /something else than a token/],
    ['too large', 'a'.repeat(20_000), /too large/],
  ])('Kite: %s', (_name, text, words) => {
    write('access_token.txt', text);
    const { state, detail, expiresMs } = tokenStateOf('kite', { tokenDir }, 0);
    expect([state, expiresMs]).toEqual(['damaged', null]);
    expect(detail).toMatch(words);
  });

  const whole = JSON.stringify({ access_token: 'abc', client_id: '1' });
  it.each([
    ['empty', '', /empty/],
    ['half of it', whole.slice(0, whole.length / 2), /not JSON/],
    ['with a byte order mark', `\uFEFF${whole}`, /byte order mark/],
    ['with the line ends of Windows', `${whole}\r\n`, /line ends of Windows/],
    ['a list', '[]', /no object/],
    ['null', 'null', /no object/],
    ['without a token', '{"client_id":"1"}', /no access_token/],
    ['with a token of another type', '{"access_token":7,"client_id":"1"}', /no access_token/],
    ['without a client', '{"access_token":"abc"}', /no client_id/],
    ['of a later version', '{"schema":2,"access_token":"abc","client_id":"1"}', /later version/],
  ])('Dhan: %s', (_name, text, words) => {
    write('dhan_token.json', text);
    const { state, detail } = tokenStateOf('dhan', { tokenDir }, 0);
    expect(state).toBe('damaged');
    expect(detail).toMatch(words);
  });

  it('and no file at all is no damage', () => {
    expect(tokenStateOf('kite', { tokenDir }, 0)).toMatchObject({ state: 'missing' });
    expect(tokenStateOf('dhan', { tokenDir }, 0)).toMatchObject({ state: 'missing' });
  });

  it('takes a token with a line end behind it', () => {
    write('access_token.txt', 'abc\n');
    expect(tokenStateOf('kite', { tokenDir }, Date.now()).state).not.toBe('damaged');
  });
});
