import { expect, it } from 'vitest';
import { isNewEnough } from './redis-program.ts';

it.each([
  ['6.0.16', false],
  ['6.2.0', true],
  ['7.0.15', true],
  ['10.0.0', true],
  ['', false],
])('Redis %s is new enough: %s', (version, expected) => {
  expect(isNewEnough(version)).toBe(expected);
});
