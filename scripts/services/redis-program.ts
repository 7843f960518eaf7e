/** Finds a Redis server: the one on the PATH, else Debian's, unpacked into a cache folder. */
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { messageOf, UserError } from '../user-error.ts';
import { unpackDebianPackages } from './debian-packages.ts';
import { runCommand } from './run-command.ts';

/** XTRIM MINID, which the streams are trimmed with, came with 6.2. 7 is what is tested. */
export const REDIS_VERSION_MIN = [6, 2] as const;

export interface RedisProgram {
  readonly command: string;
  /** What the environment must have for it to run. */
  readonly env: Readonly<Record<string, string>>;
  readonly version: string;
  readonly origin: 'the PATH' | 'a private copy';
}

/** @throws UserError that says what to type where there is none and none can be had */
export async function provideRedisProgram(dataDir: string): Promise<RedisProgram> {
  return (await redisOnPath()) ?? (await privateRedis(dataDir));
}

/** The server on the PATH; undefined where there is none, or one that is too old. */
export async function redisOnPath(): Promise<RedisProgram | undefined> {
  const command = (await runCommand('/bin/sh', ['-c', 'command -v redis-server']).catch(() => '')).trim();
  const version = command && (await versionOf(command));
  return version && isNewEnough(version) ? { command, env: {}, version, origin: 'the PATH' } : undefined;
}

/** True from 6.2 on. */
export function isNewEnough(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [majorMin, minorMin] = REDIS_VERSION_MIN;
  return major > majorMin || (major === majorMin && minor >= minorMin);
}

/** Debian 12's package in which the newest known holes of 7.0.15 are closed (CVE-2026-81934 and those before it). */
const SAFE_VERSION = [7, 0, 15] as const;
const SAFE_REVISION = 10;

/**
 * Why a server should be brought up to date: known holes are closed in newer ones. Null where none is known.
 *
 * @param debian version of Debian's package on this machine; null where the server is another one
 */
export function olderThanSafe(version: string, debian: string | null): string | null {
  const parts = version.split('.').map(Number);
  const different = SAFE_VERSION.findIndex((safe, i) => (parts[i] ?? 0) !== safe);
  if (different >= 0) {
    if ((parts[different] ?? 0) > (SAFE_VERSION[different] as number)) return null;
    return `older than ${SAFE_VERSION.join('.')}, and has known holes. Bring it up to date`;
  }
  const revision = debian?.includes(`:${version}-`) ? /\+?deb12u(\d+)/.exec(debian)?.[1] : undefined;
  if (revision === undefined || Number(revision) >= SAFE_REVISION) return null;
  return `Debian's ${debian} has known holes that deb12u${SAFE_REVISION} closes. Type: sudo apt-get install --only-upgrade redis-server`;
}

/** The private copy that is there already, if any. */
export async function unpackedRedis(dataDir: string): Promise<RedisProgram | undefined> {
  for (const dir of cacheFolders(dataDir)) {
    if (existsSync(dir)) return programIn(dir);
  }
  return undefined;
}

async function privateRedis(dataDir: string): Promise<RedisProgram> {
  const known = await unpackedRedis(dataDir);
  if (known) return known;
  const dir = cacheFolders(dataDir).find(isWritable) as string;
  try {
    await unpackDebianPackages({ names: ['redis-server'], release: 'host' }, dir);
    return await programIn(dir);
  } catch (error) {
    throw new UserError(
      `There is no Redis server (${REDIS_VERSION_MIN.join('.')} or newer) on this machine, and Debian's package could not be fetched. Type\n\n  sudo apt-get install redis-server\n\nor set REDIS_URL to a server of your own.\n(${messageOf(error)})`,
    );
  }
}

/** Where a private copy is kept: shared by all instances of this user, or, where there is no home folder, with the data. */
function cacheFolders(dataDir: string): string[] {
  return [path.join(homedir(), '.cache/gehra/redis'), path.join(dataDir, 'cache/redis')];
}

function isWritable(dir: string): boolean {
  try {
    mkdirSync(path.dirname(dir), { recursive: true });
    return true;
  } catch {
    return false;
  }
}

async function programIn(dir: string): Promise<RedisProgram> {
  const lib = path.join(dir, 'usr/lib');
  // Debian names the folder of libraries after the machine: x86_64-linux-gnu.
  const triplet = readdirSync(lib).find((name) => name.endsWith('-linux-gnu'));
  const command = path.join(dir, 'usr/bin/redis-server');
  const env: Record<string, string> = triplet ? { LD_LIBRARY_PATH: path.join(lib, triplet) } : {};
  const version = await versionOf(command, env);
  if (!version) throw new Error(`${command} does not run; remove ${dir} to have it fetched again`);
  return { command, env, version, origin: 'a private copy' };
}

async function versionOf(command: string, env?: Record<string, string>): Promise<string | undefined> {
  const output = await runCommand(command, ['--version'], env ? { env } : {}).catch(() => '');
  return /v=([\d.]+)/.exec(output)?.[1];
}
