/** The stages of `./gehra test`: each can be run alone, and goes on whatever came of the others. */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { type Environment, foreignEnvironment } from '../../lib/config/config.ts';
import { packageRoot } from '../../lib/config/root.ts';
import { build } from '../build/build.ts';
import { freePort } from '../instance/ports.ts';
import { provideChromium } from '../services/chromium.ts';
import { prepareTimescale } from '../services/timescale.ts';
import { toSpawn } from '../supervise/environment.ts';
import { Supervised } from '../supervise/supervised.ts';
import type { Steps } from '../terminal/steps.ts';
import { messageOf } from '../user-error.ts';
import { type Result, readPlaywrightReport, readReport, readVitestReport, resultOfCommand } from './result.ts';
import { searchWritten } from './written-secrets.ts';

/** Reports and the whole output of every stage. */
export const RESULTS_DIR = path.join(packageRoot, 'test-results');
/**
 * Thousands of tests that run real servers and browsers: one that a busy machine has disturbed must not hide what the others
 * say. It is tried once again, and named whatever comes of it.
 */
const TRIED_AGAIN = 1;
/** No stage may take longer: all of them together have an hour and a half. */
const STAGE_WITHIN_MS = 60 * 60_000;
/** Password of the servers of this run (tests/support/servers.ts): like nothing else, so that it can be looked for. */
const CANARY = randomBytes(12).toString('hex');
/** Where the tests stand that a TimescaleDB must pass as well as a plain PostgreSQL. */
const DATABASE_TESTS = ['db/', 'workers/writer/', 'lib/services/'] as const;

export interface Stage {
  /** The word that picks it on the command line. */
  readonly group: 'lint' | 'unit' | 'integration' | 'system' | 'timescale' | 'e2e' | 'long';
  readonly name: string;
  readonly run: (context: StageContext) => Promise<Result>;
}

export interface StageContext {
  readonly steps: Steps;
  /** Words of file names that the tests are held to. */
  readonly words: readonly string[];
}

export const STAGES: readonly Stage[] = [
  lint('format and lint', 'biome', ['check', '--error-on-warnings']),
  lint('types', 'tsc', ['-p', '.']),
  lint('import rule', 'tsx', ['scripts/check-imports.ts']),
  lint('paths in docs', 'tsx', ['scripts/check-docs.ts']),
  lint('dead code', 'knip', []),
  { group: 'unit', name: 'unit tests', run: ({ words }) => vitest('unit', words) },
  { group: 'integration', name: 'integration tests', run: (context) => onBuild(context, 'integration') },
  { group: 'system', name: 'system tests', run: (context) => onBuild(context, 'system') },
  { group: 'timescale', name: 'database tests on TimescaleDB', run: runTimescale },
  { group: 'e2e', name: 'browser tests', run: runBrowser },
];

/** After all others, of whatever they have written. */
export const LAST_STAGE: Stage = {
  group: 'lint',
  name: 'secrets in what was written',
  run: async () => searchWritten(RESULTS_DIR, CANARY),
};

/** One stage for each file of tests/long. */
export function longStages(): Stage[] {
  return readdirSync(path.join(packageRoot, 'tests/long'))
    .filter((file) => file.endsWith('.ts'))
    .map((file) => ({
      group: 'long',
      name: file,
      run: () => command(file, 'tsx', [path.join('tests/long', file)]),
    }));
}

function lint(name: string, program: string, args: readonly string[]): Stage {
  return { group: 'lint', name, run: () => command(name, program, args) };
}

/** Tests that run instances: the build is made first, so that none of them waits for it. */
async function onBuild({ steps, words }: StageContext, project: 'integration' | 'system'): Promise<Result> {
  await steps.step('building', (say) => build(say, new AbortController().signal));
  return vitest(project, words);
}

async function runTimescale({ words }: StageContext): Promise<Result> {
  if (process.getuid?.() !== 0)
    return skipped('database tests on TimescaleDB', 'needs root: sudo ./gehra test timescale');
  const server = await prepareTimescale(await freePort());
  const child = new Supervised(server.spec, path.join(RESULTS_DIR, 'timescaledb.log'), {
    onNote: () => undefined,
    onChange: () => undefined,
  });
  try {
    await child.start();
    return await vitest('integration', words.length > 0 ? words : DATABASE_TESTS, {
      report: 'timescale',
      environment: { TEST_POSTGRES_URL: server.url },
    });
  } finally {
    await child.stop();
    server.remove();
  }
}

async function runBrowser({ steps, words }: StageContext): Promise<Result> {
  await provideChromium(steps);
  await steps.step('building', (say) => build(say, new AbortController().signal));
  const report = freshReport('e2e');
  const { output } = await runLogged(
    'e2e',
    'playwright',
    [
      'test',
      '--reporter=list,json',
      `--retries=${TRIED_AGAIN}`,
      ...(words.length > 0 ? ['--pass-with-no-tests'] : []),
      ...words,
    ],
    {
      PLAYWRIGHT_JSON_OUTPUT_FILE: report,
    },
  );
  return readReport(readPlaywrightReport, report, 'browser tests', output);
}

async function vitest(
  project: 'unit' | 'integration' | 'system',
  words: readonly string[],
  { report: name = project, environment = {} }: { report?: string; environment?: Environment } = {},
): Promise<Result> {
  const report = freshReport(name);
  const { code, output } = await runLogged(
    name,
    'vitest',
    [
      'run',
      '--project',
      project,
      ...words,
      ...(words.length > 0 ? ['--passWithNoTests'] : []),
      ...(project === 'unit' ? [] : [`--retry=${TRIED_AGAIN}`]),
      ...(project === 'system' ? ['--no-file-parallelism'] : []),
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${report}`,
    ],
    environment,
  );
  const result = readReport((file) => readVitestReport(file, packageRoot), report, `${name} tests`, output);
  // Errors outside any test, such as an unhandled rejection, are only in the exit code.
  if (code === 0 || result.failures.length > 0) return result;
  return { ...result, failures: [{ name: `${name} tests: an error outside the tests`, message: output }] };
}

async function command(name: string, program: string, args: readonly string[]): Promise<Result> {
  const { code, output } = await runLogged(name.replaceAll(/[^a-z0-9]+/gi, '-'), program, args);
  return resultOfCommand(name, code, output);
}

/** Runs a program of node_modules with all its output in a file of RESULTS_DIR. */
async function runLogged(
  name: string,
  program: string,
  args: readonly string[],
  environment: Environment = {},
): Promise<{ code: number | null; output: string }> {
  mkdirSync(RESULTS_DIR, { recursive: true });
  const logFile = path.join(RESULTS_DIR, `${name}.log`);
  const log = openSync(logFile, 'w');
  const child = spawn(path.join(packageRoot, 'node_modules/.bin', program), args, {
    cwd: packageRoot,
    // What they print is read in a file.
    env: toSpawn({
      ...foreignEnvironment(),
      FORCE_COLOR: undefined,
      NO_COLOR: '1',
      TEST_CANARY: CANARY,
      ...environment,
    }),
    stdio: ['ignore', log, log],
    timeout: STAGE_WITHIN_MS,
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', (error) => reject(new Error(`${program} cannot be run: ${messageOf(error)}`)));
    child.once('exit', resolve);
  });
  return { code, output: readFileSync(logFile, 'utf8') };
}

/** Where a runner puts its report; an old one is gone. */
function freshReport(name: string): string {
  const file = path.join(RESULTS_DIR, `${name}.json`);
  if (existsSync(file)) rmSync(file);
  return file;
}

function skipped(name: string, reason: string): Result {
  return { passed: 0, failures: [], unsteady: [], skipped: [{ name, reason }] };
}
