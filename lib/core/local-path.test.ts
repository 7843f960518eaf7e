import { expect, it } from 'vitest';
import { localPath } from './local-path.ts';

it.each(['/', '/connections', '/live/NFO%3ANIFTY26DECFUT?levels=20#top'])('keeps %s', (path) => {
  expect(localPath(path, '/other')).toBe(path);
});

it.each([
  'https://evil.example',
  '//evil.example',
  '/\\evil.example',
  '/%09/evil.example\t',
  '/\t/evil.example',
  'javascript:alert(1)',
  'https:evil.example',
  '\\\\evil.example',
  '/.//evil.example',
  '/a/..//evil.example',
  'connections',
  '/ü',
  '',
  null,
  undefined,
])('leads %j nowhere else', (path) => {
  expect(localPath(path, '/other')).toBe('/other');
});
