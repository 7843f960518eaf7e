import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { readPlaywrightReport, readReport, readVitestReport, resultOfCommand } from './result.ts';

const dir = mkdtempSync(path.join(tmpdir(), 'gehra-result-'));
afterAll(() => rmSync(dir, { recursive: true }));

function report(content: object): string {
  const file = path.join(dir, 'report.json');
  writeFileSync(file, JSON.stringify(content));
  return file;
}

it("reads vitest's report, with files that could not be loaded as failures", () => {
  const test = (fullName: string, status: string, failureMessages: string[] = []): object => ({
    fullName,
    status,
    failureMessages,
  });
  const file = report({
    testResults: [
      {
        name: '/repo/lib/a.test.ts',
        status: 'failed',
        message: '',
        assertionResults: [
          test('adds', 'passed'),
          test('rounds', 'passed', ['expected 3 to be 4']),
          test('subtracts', 'failed', ['expected 1 to be 2']),
          test('divides (skipped: no divisor)', 'skipped'),
          test('multiplies', 'todo'),
        ],
      },
      { name: '/repo/lib/b.test.ts', status: 'failed', message: 'Cannot find module', assertionResults: [] },
    ],
  });
  expect(readVitestReport(file, '/repo')).toEqual({
    passed: 2,
    failures: [
      { name: 'lib/b.test.ts', message: 'Cannot find module' },
      { name: 'lib/a.test.ts: subtracts', message: 'expected 1 to be 2' },
    ],
    unsteady: [{ name: 'lib/a.test.ts: rounds', message: 'expected 3 to be 4' }],
    skipped: [
      { name: 'lib/a.test.ts: divides (skipped: no divisor)', reason: 'see its name' },
      { name: 'lib/a.test.ts: multiplies', reason: 'see its name' },
    ],
  });
});

it("reads Playwright's report, and names a test that passed only the second time", () => {
  const test = (status: string, more: object = {}): object => ({
    projectName: 'wide',
    status,
    annotations: [],
    results: [],
    ...more,
  });
  const file = report({
    errors: [{ message: 'no web server' }],
    suites: [
      {
        title: 'live.spec.ts',
        specs: [{ title: 'draws', tests: [test('expected')] }],
        suites: [
          {
            title: 'a gap',
            specs: [
              { title: 'is hatched', tests: [test('unexpected', { results: [{ error: { message: 'too pale' } }] })] },
              { title: 'ends', tests: [test('flaky', { results: [{ error: { message: 'late' } }, {}] })] },
              {
                title: 'sounds',
                tests: [test('skipped', { annotations: [{ type: 'skip', description: 'no ears' }] })],
              },
            ],
          },
        ],
      },
    ],
  });
  expect(readPlaywrightReport(file)).toEqual({
    passed: 2,
    failures: [
      { name: 'outside the tests', message: 'no web server' },
      { name: 'live.spec.ts: a gap: is hatched: wide', message: 'too pale' },
    ],
    unsteady: [{ name: 'live.spec.ts: a gap: ends: wide', message: 'late' }],
    skipped: [{ name: 'live.spec.ts: a gap: sounds: wide', reason: 'no ears' }],
  });
});

it('counts a command as one test', () => {
  expect(resultOfCommand('types', 0, 'fine').passed).toBe(1);
  expect(resultOfCommand('types', 2, 'TS2322').failures).toEqual([{ name: 'types', message: 'TS2322' }]);
  expect(resultOfCommand('types', null, 'killed').failures).toHaveLength(1);
});

it('takes a runner without a report for a failure', () => {
  const result = readReport(readPlaywrightReport, path.join(dir, 'none.json'), 'browser tests', 'no browser');
  expect(result.failures).toEqual([{ name: 'browser tests', message: 'no browser' }]);
});
