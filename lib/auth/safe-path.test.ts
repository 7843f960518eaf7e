import { expect, it } from 'vitest';
import { safePath } from './safe-path.ts';

it.each(['/', '/live/NFO:NIFTY26DECFUT', '/connections?connect=kite#top', '/a%20b', '/%09/evil.example'])(
  'keeps %s',
  (path) => {
    expect(safePath(path)).toBe(path);
  },
);

it.each([
  'https://evil.example',
  '//evil.example',
  '/\\evil.example',
  '\\\\evil.example',
  '/\t/evil.example',
  '/\n/evil.example',
  'javascript:alert(1)',
  'https:evil.example',
  'http://[',
  '/..//evil.example',
  '/.//evil.example',
  'evil.example',
  '',
  null,
  undefined,
])('leads home instead of to %s', (path) => {
  expect(safePath(path)).toBe('/');
});
