/**
 * Makes what runs from what is written. A build is a folder of its own, dist/<hash of its sources>, with the bundled
 * processes, the web app and its public files; `dist/current` points to the newest. An instance runs from its folder for
 * as long as it lives: building again pulls nothing away from under it, and a process that it starts again is as old as
 * the others. Builds that no instance uses are removed when a new one is made.
 */
import { spawn } from 'node:child_process';
import {
  accessSync,
  chmodSync,
  constants,
  cpSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { build as bundle } from 'esbuild';
import { givenEnvironment } from '../../lib/config/config.ts';
import { packageRoot } from '../../lib/config/root.ts';
import { LockHeldError, lockFolder } from '../../lib/journal/lock.ts';
import { processesIn } from '../instance/process-id.ts';
import { toSpawn } from '../supervise/environment.ts';
import type { Say } from '../terminal/steps.ts';
import { codeOf, messageOf, UserError } from '../user-error.ts';
import { hashSources } from './sources.ts';

/** Everything that runs from a build: its entry, relative to the root. */
export const ENTRIES = [
  'simulator/main.ts',
  'collectors/kite/main.ts',
  'collectors/dhan/main.ts',
  'workers/writer/main.ts',
  'workers/signals/main.ts',
  'workers/jobs/main.ts',
  // A thread of the jobs worker.
  'workers/jobs/backtest-thread.ts',
  'app/server.ts',
  'scripts/migrate.ts',
  'scripts/sign-in-link.ts',
] as const;
export type Entry = (typeof ENTRIES)[number];

const DIST = path.join(packageRoot, 'dist');
const NEXT_DIR = path.join(packageRoot, '.next');
/** In .next: which sources it was built from. */
const WEB_STAMP = path.join(NEXT_DIR, 'built-from');
/** What the web app needs beside .next. */
const WEB_FILES = ['public', 'next.config.mjs', 'package.json'] as const;
/** Parts of .next that only the build itself uses. */
const BUILD_ONLY = new Set(['cache', 'trace', 'types', 'diagnostics', 'dev']);
const HASH_DIGITS = 12;
/** Another build of this checkout is waited for so long. */
const LOCK_WAIT_S = 600;
/** A build that was asked for so recently may be about to be used. */
const YOUNG_MS = 10 * 60_000;
/** So much of a failed build's output is shown. */
const OUTPUT_LINES_SHOWN = 40;

/** Builds unless that is done already. @returns the folder of the build */
export async function build(say: Say, signal: AbortSignal): Promise<string> {
  const dir = buildFolder();
  if (existsSync(dir)) {
    markAsUsed(dir);
    say('nothing has changed');
    return dir;
  }
  mustBeWritable();
  const unlock = await lockBuilds();
  try {
    // Somebody else may have made it while we waited.
    if (!existsSync(dir)) await makeBuild(dir, signal);
    markAsUsed(dir);
    pointCurrentTo(dir);
    removeUnused();
    return dir;
  } finally {
    unlock();
  }
}

/** Where the build of the sources as they are now is, or will be. */
function buildFolder(): string {
  return path.join(DIST, hashSources().all.slice(0, HASH_DIGITS));
}

/** The file of a build that runs a process. */
export function builtFile(entry: Entry): string {
  return entry.replace(/\.ts$/, '.js');
}

/** A service runs what it must not be able to change: its checkout is root's, who builds. */
function mustBeWritable(): void {
  try {
    mkdirSync(DIST, { recursive: true });
    accessSync(DIST, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new UserError(
      `${packageRoot} is not built as its sources are now, and you may not write there (${codeOf(error)}). Build it as its owner: sudo ${packageRoot}/gehra build`,
    );
  }
}

async function lockBuilds(): Promise<() => void> {
  try {
    return await lockFolder(DIST, 'build', LOCK_WAIT_S);
  } catch (error) {
    if (!(error instanceof LockHeldError)) throw error;
    throw new UserError(
      `Another build of ${packageRoot} has been going on for ${LOCK_WAIT_S / 60} minutes. Try again after it.`,
    );
  }
}

async function makeBuild(dir: string, signal: AbortSignal): Promise<void> {
  const unfinished = `${dir}.new`;
  rmSync(unfinished, { recursive: true, force: true });
  await bundleProcesses(unfinished);
  await buildWeb(signal);
  cpSync(NEXT_DIR, path.join(unfinished, '.next'), {
    recursive: true,
    filter: (source) => path.dirname(source) !== NEXT_DIR || !BUILD_ONLY.has(path.basename(source)),
  });
  for (const name of WEB_FILES) {
    cpSync(path.join(packageRoot, name), path.join(unfinished, name), { recursive: true });
  }
  renameSync(unfinished, dir);
}

async function bundleProcesses(outdir: string): Promise<void> {
  await bundle({
    absWorkingDir: packageRoot,
    entryPoints: [...ENTRIES],
    outbase: '.',
    outdir,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20',
    sourcemap: true,
    logLevel: 'silent',
  }).catch((error) => {
    throw new UserError(`The processes could not be bundled. ${messageOf(error)}`);
  });
}

async function buildWeb(signal: AbortSignal): Promise<void> {
  const { web } = hashSources();
  if (existsSync(WEB_STAMP) && readFileSync(WEB_STAMP, 'utf8') === web) return;
  rmSync(WEB_STAMP, { force: true });
  mkdirSync(DIST, { recursive: true });
  const logFile = path.join(DIST, 'next-build.log');
  const log = openSync(logFile, 'w');
  const next = spawn(process.execPath, [path.join(packageRoot, 'node_modules/next/dist/bin/next'), 'build'], {
    cwd: packageRoot,
    env: toSpawn({ ...givenEnvironment(), NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1' }),
    stdio: ['ignore', log, log],
    signal,
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    next.once('error', reject);
    next.once('exit', resolve);
  });
  if (code !== 0) {
    const shown = readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-OUTPUT_LINES_SHOWN).join('\n');
    throw new UserError(`The web app could not be built; the whole output is in ${logFile}.\n\n${shown}`);
  }
  writeFileSync(WEB_STAMP, web);
}

/** Replaces the link in one step. */
function pointCurrentTo(dir: string): void {
  const link = path.join(DIST, 'current');
  const replacement = `${link}.new`;
  rmSync(replacement, { force: true });
  symlinkSync(path.basename(dir), replacement);
  renameSync(replacement, link);
}

/**
 * Keeps a build that is about to be used from being removed, and lets others look: a service runs what root has built. Only its
 * owner can, and only its owner could remove it.
 */
function markAsUsed(dir: string): void {
  const now = new Date();
  try {
    utimesSync(dir, now, now);
    chmodSync(DIST, 0o755);
  } catch (error) {
    if (codeOf(error) !== 'EPERM' && codeOf(error) !== 'EACCES') throw error;
  }
}

/** Processes run in the folder of their build: one that is nobody's working folder is in nobody's use. */
function removeUnused(): void {
  for (const entry of readdirSync(DIST, { withFileTypes: true })) {
    const dir = path.join(DIST, entry.name);
    if (!entry.isDirectory() || Date.now() - statSync(dir).mtimeMs < YOUNG_MS) continue;
    if (processesIn(dir).length === 0) rmSync(dir, { recursive: true, force: true });
  }
}
