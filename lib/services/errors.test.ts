import { expect, it } from 'vitest';
import { problemHeaders, problemOf, RequestError } from './errors.ts';

it.each([
  new Error('syntax error at or near "x": SELECT password_hash FROM gehra.people'),
  Object.assign(new Error('ENOENT: /srv/gehra/data/access_token.txt'), { code: 'ENOENT' }),
  new TypeError("Cannot read properties of undefined (reading 'token')"),
  'a text',
  null,
])('S97: a mistake of ours is told without a word of what it was: %s', (error) => {
  expect(problemOf(error)).toEqual({
    type: 'about:blank',
    title: 'Internal error',
    status: 500,
    detail: 'The request failed on the server; its log says why.',
  });
});

it('what can be set right is told in words, and when to come again', () => {
  const error = new RequestError(429, 'Too many requests', 'Try again.', 1.2);
  expect(problemOf(error)).toMatchObject({ status: 429, detail: 'Try again.' });
  expect(problemHeaders(error)['retry-after']).toBe('2');
});
