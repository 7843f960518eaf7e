/** What came of a stage of the tests, read from the reports of the runners. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';

export interface Result {
  readonly passed: number;
  readonly failures: readonly { readonly name: string; readonly message: string }[];
  /** Passed when tried again, with what they had failed of: they count as passed, and have found something all the same. */
  readonly unsteady: readonly { readonly name: string; readonly message: string }[];
  readonly skipped: readonly { readonly name: string; readonly reason: string }[];
}

/** A skipped test says why in its title, as tests/support/shared.ts does, unless its runner keeps a reason. */
const REASON_IN_TITLE = 'see its name';

const vitestSchema = z.object({
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      message: z.string(),
      assertionResults: z.array(
        z.object({ fullName: z.string(), status: z.string(), failureMessages: z.array(z.string()) }),
      ),
    }),
  ),
});

/** vitest's JSON report. A file that could not be loaded counts as a failure: its tests are in no list. */
export function readVitestReport(file: string, root: string): Result {
  const { testResults } = vitestSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  const tests = testResults.flatMap(({ name, assertionResults }) =>
    assertionResults.map((test) => ({ ...test, name: `${path.relative(root, name)}: ${test.fullName}` })),
  );
  const unloaded = testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && !assertionResults.some((test) => test.status === 'failed'),
  );
  return {
    passed: tests.filter(({ status }) => status === 'passed').length,
    failures: [
      ...unloaded.map(({ name, message }) => ({ name: path.relative(root, name), message })),
      ...tests
        .filter(({ status }) => status === 'failed')
        .map(({ name, failureMessages }) => ({ name, message: failureMessages.join('\n') })),
    ],
    unsteady: tests
      .filter(({ status, failureMessages }) => status === 'passed' && failureMessages.length > 0)
      .map(({ name, failureMessages }) => ({ name, message: failureMessages.join('\n') })),
    skipped: tests
      .filter(({ status }) => status !== 'passed' && status !== 'failed')
      .map(({ name }) => ({ name, reason: REASON_IN_TITLE })),
  };
}

const playwrightTestSchema = z.object({
  projectName: z.string(),
  status: z.enum(['expected', 'unexpected', 'flaky', 'skipped']),
  annotations: z.array(z.object({ type: z.string(), description: z.string().optional() })),
  results: z.array(z.object({ error: z.object({ message: z.string().optional() }).optional() })),
});

interface PlaywrightSuite {
  readonly title: string;
  readonly suites?: readonly PlaywrightSuite[] | undefined;
  readonly specs: readonly {
    readonly title: string;
    readonly tests: readonly z.infer<typeof playwrightTestSchema>[];
  }[];
}
const playwrightSuiteSchema: z.ZodType<PlaywrightSuite> = z.object({
  title: z.string(),
  get suites() {
    return z.array(playwrightSuiteSchema).optional();
  },
  specs: z.array(z.object({ title: z.string(), tests: z.array(playwrightTestSchema) })),
});
const playwrightSchema = z.object({
  suites: z.array(playwrightSuiteSchema),
  errors: z.array(z.object({ message: z.string().optional() })),
});

/** Playwright's JSON report. */
export function readPlaywrightReport(file: string): Result {
  const { suites, errors } = playwrightSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  const tests = suites.flatMap((suite) => testsOf(suite, []));
  const failedAs = (wanted: 'unexpected' | 'flaky'): { name: string; message: string }[] =>
    tests
      .filter(({ status }) => status === wanted)
      .map(({ name, results }) => ({
        name,
        message: results.flatMap(({ error }) => error?.message ?? []).join('\n'),
      }));
  return {
    passed: tests.filter(({ status }) => status === 'expected' || status === 'flaky').length,
    failures: [
      ...errors.map(({ message = '' }) => ({ name: 'outside the tests', message })),
      ...failedAs('unexpected'),
    ],
    unsteady: failedAs('flaky'),
    skipped: tests
      .filter(({ status }) => status === 'skipped')
      .map(({ name, annotations }) => ({
        name,
        reason: annotations.flatMap(({ description }) => description ?? []).join(', ') || REASON_IN_TITLE,
      })),
  };
}

function testsOf(
  { title, suites = [], specs }: PlaywrightSuite,
  above: readonly string[],
): (z.infer<typeof playwrightTestSchema> & { name: string })[] {
  const titles = [...above, title];
  return [
    ...specs.flatMap((spec) =>
      spec.tests.map((test) => ({
        ...test,
        name: [...titles, spec.title, test.projectName].filter(Boolean).join(': '),
      })),
    ),
    ...suites.flatMap((suite) => testsOf(suite, titles)),
  ];
}

/** A command that is one test: it passes if it ends without an error. */
export function resultOfCommand(name: string, code: number | null, output: string): Result {
  if (code === 0) return { passed: 1, failures: [], unsteady: [], skipped: [] };
  return { passed: 0, failures: [{ name, message: output }], unsteady: [], skipped: [] };
}

/** The report of a runner; where it left none, its output is the failure. */
export function readReport(read: (file: string) => Result, file: string, name: string, output: string): Result {
  return existsSync(file) ? read(file) : resultOfCommand(name, 1, output);
}
