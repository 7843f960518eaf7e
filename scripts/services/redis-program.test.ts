import { expect, it } from 'vitest';
import { isNewEnough, olderThanSafe } from './redis-program.ts';

it.each([
  ['6.0.16', false],
  ['6.2.0', true],
  ['7.0.15', true],
  ['10.0.0', true],
  ['', false],
])('Redis %s is new enough: %s', (version, expected) => {
  expect(isNewEnough(version)).toBe(expected);
});

it.each([
  ['7.0.14', null, /^older than 7\.0\.15/],
  ['6.2.19', '5:6.2.19-1', /^older than 7\.0\.15/],
  ['7.0.15', '5:7.0.15-1~deb12u3', /^Debian's 5:7\.0\.15-1~deb12u3 has known holes/],
  ['7.0.15', '5:7.0.15-1~deb12u10', null],
  ['7.0.15', '5:7.0.15-3', null],
  // Another server than the package's.
  ['7.0.15', null, null],
  ['7.2.4', '5:7.0.15-1~deb12u3', null],
  ['8.0.0', null, null],
])('S104: Redis %s, of the package %s, is as safe as is known: %s', (version, debian, advice) => {
  if (advice === null) expect(olderThanSafe(version, debian)).toBeNull();
  else expect(olderThanSafe(version, debian)).toMatch(advice);
});
