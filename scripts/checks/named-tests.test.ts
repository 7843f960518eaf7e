import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { checkNamedTests, checkPromises, testsNamedIn, titlesIn } from './named-tests.ts';

let root = '';
beforeEach(() => {
  root = mkdtempSync(path.join(os.tmpdir(), 'gehra-named-'));
  mkdirSync(path.join(root, 'lib'));
  writeFileSync(
    path.join(root, 'lib/a.test.ts'),
    "it('adds', () => {});\ndescribe('sums', () => { it.each([1])('of %d', f); });\nit.skip('looks away', f);\n",
  );
});
afterEach(() => rmSync(root, { recursive: true }));

it('knows the titles of a file, whatever declares them', () => {
  const text = [
    "it('adds', f);",
    'test("subtracts", f);',
    "it.each([[1, 'not me']])('multiplies %d', f);",
    "it.skipIf(!here)('divides', f);",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the source of one
    'test(`rounds ${n}`, f);',
    "test.describe('a group', () => { test('in a group', f); });",
    "describe('another', () => { for (const n of [1]) it('in a loop', f); });",
    "other('nothing'); // it('a comment', f)",
    "test.fixme('later', f);",
  ].join('\n');
  expect([...titlesIn('a.test.ts', text).keys()]).toEqual([
    'adds',
    'subtracts',
    'multiplies %d',
    'divides',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: as above
    'rounds ${n}',
    'in a group',
    'in a loop',
    'later',
  ]);
  expect([...titlesIn('a.test.ts', text)].filter(([, runs]) => !runs)).toEqual([['later', false]]);
});

it('reads the names out of a document, and nothing else', () => {
  const text = [
    '| S1 | `lib/a.test.ts › adds`, `lib/b.spec.ts › one \\| other` |',
    'See `lib/a.test.ts` and ``lib/a.test.ts › says `from` ``, not lib/a.test.ts › this.',
  ].join('\n');
  expect(testsNamedIn(text)).toEqual([
    { line: 1, file: 'lib/a.test.ts', title: 'adds' },
    { line: 1, file: 'lib/b.spec.ts', title: 'one | other' },
    { line: 2, file: 'lib/a.test.ts', title: 'says `from`' },
  ]);
});

it('finds what is not there: the file, or the title', () => {
  const check = (code: string): string[] =>
    checkNamedTests(root, 'docs/A.md', `\n\`${code}\``).map(({ line, why }) => `${line}: ${why}`);
  expect(check('lib/a.test.ts › adds')).toEqual([]);
  expect(check('lib/a.test.ts › of %d')).toEqual([]);
  expect(check('lib/a.test.ts › sums')).toEqual(['2: no test of that file has this title']);
  expect(check('lib/a.test.ts › looks away')).toEqual(['2: that test is skipped']);
  expect(check('lib/a.test.ts › add')).toEqual(['2: no test of that file has this title']);
  expect(check('lib/none.test.ts › adds')).toEqual(['2: there is no such file']);
});

it('finds a promise without a proof', () => {
  const check = (row: string): string[] =>
    checkPromises('docs/A.md', `\n${row}`).map(({ line, what }) => `${line}: ${what}`);
  expect(check('| P1 | nothing is lost | `lib/a.test.ts › adds` |')).toEqual([]);
  expect(check('| P1 | nothing is lost | `chaos: writer killed` |')).toEqual([]);
  expect(check('| P1 | nothing is lost | not built: no machine for it |')).toEqual([]);
  expect(check('| K1 | a case that names nothing |')).toEqual([]);
  expect(check('| P1 | nothing is lost | believe us |')).toEqual(['2: promises P1']);
});
