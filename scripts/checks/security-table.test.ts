/** docs/SECURITY.md has a row for every check of the list that this project was given. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { packageRoot } from '../../lib/config/root.ts';
import { describeWithShared, readShared } from '../../tests/support/shared.ts';
import { testsNamedIn } from './named-tests.ts';

const text = readFileSync(path.join(packageRoot, 'docs/SECURITY.md'), 'utf8');
const rowsOf = (table: string): string[] => [...table.matchAll(/^\| (S\d+) \| /gm)].map(([, number = '']) => number);

it('each row of the table names a test, or says why there is none', () => {
  const rows = text.split('\n').filter((line) => /^\| S\d+ \| /.test(line));
  expect(rows.length).toBeGreaterThan(90);
  for (const row of rows) {
    const [, number = '', what = '', tests = ''] = row.split(/(?<!\\)\|/).map((cell) => cell.trim());
    expect(what, number).not.toBe('');
    expect(testsNamedIn(tests).length > 0 || tests.length > 40, number).toBe(true);
  }
});

describeWithShared('SECURITY-CHECKS.md', 'the list of checks', () => {
  it('has a row for each of its numbers, once', () => {
    expect(rowsOf(text)).toEqual(rowsOf(readShared('SECURITY-CHECKS.md').toString('utf8')));
  });
});
