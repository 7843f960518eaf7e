/**
 * Debian packages unpacked into a folder of our own, without installing them: no root needed, nothing on the machine is
 * changed, no system service is started. apt fetches and verifies them with lists and archives of our own.
 */
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { runCommand } from './run-command.ts';

const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';
const MIRROR = 'http://deb.debian.org/debian';
const FETCH_TIMEOUT_S = 20;

export interface DebianPackages {
  readonly names: readonly string[];
  /**
   * `host`: of the machine's own release, with those dependencies that are not installed here. Else the name of another
   * release: all dependencies come along, as into an empty system.
   */
  readonly release: 'host' | (string & {});
  /** Packages that come along but are not needed, by name. */
  readonly leaveOut?: RegExp;
}

/**
 * Unpacks packages with what they depend on into `dir`, which appears only when it is whole.
 *
 * @throws CommandError with apt's own words, e.g. where no mirror can be reached
 */
export async function unpackDebianPackages({ names, release, leaveOut }: DebianPackages, dir: string): Promise<void> {
  if (existsSync(dir)) return;
  const apt = `${dir}.apt.${process.pid}`;
  const unfinished = `${dir}.new.${process.pid}`;
  try {
    mkdirSync(path.dirname(dir), { recursive: true });
    mkdirSync(path.join(apt, 'lists/partial'), { recursive: true });
    mkdirSync(path.join(apt, 'cache/archives/partial'), { recursive: true });
    const options = [...aptOptions(apt), ...(release === 'host' ? [] : await otherRelease(apt, release))];
    // A source that cannot be reached need not be the one that has our packages: the next command tells.
    await runCommand('apt-get', [...options, 'update']).catch(() => undefined);
    await runCommand('apt-get', [...options, 'install', '--download-only', '--yes', ...names]);
    mkdirSync(unfinished);
    const archives = path.join(apt, 'cache/archives');
    for (const file of readdirSync(archives).filter((name) => name.endsWith('.deb'))) {
      if (leaveOut?.test(file)) continue;
      await runCommand('dpkg-deb', ['--extract', path.join(archives, file), unfinished]);
    }
    renameSync(unfinished, dir);
  } finally {
    rmSync(apt, { recursive: true, force: true });
    rmSync(unfinished, { recursive: true, force: true });
  }
}

function aptOptions(apt: string): string[] {
  return settings({
    'Dir::State::Lists': path.join(apt, 'lists'),
    'Dir::Cache': path.join(apt, 'cache'),
    // The locks are the system's and only root's; our folders need none.
    'Debug::NoLocking': 'true',
    // As root apt would fetch as the user _apt, who cannot enter our folders.
    'APT::Sandbox::User': '',
    'APT::Install-Recommends': 'false',
    'Acquire::http::Timeout': String(FETCH_TIMEOUT_S),
    'Acquire::Retries': '2',
  });
}

/** Options that make apt see nothing but another release of Debian, and an empty system. */
async function otherRelease(apt: string, release: string): Promise<string[]> {
  const sources = path.join(apt, 'sources.list');
  const status = path.join(apt, 'status');
  writeFileSync(sources, `deb [signed-by=${KEYRING}] ${await mirror()} ${release} main\n`);
  writeFileSync(status, '');
  return settings({
    'Dir::Etc::SourceList': sources,
    'Dir::Etc::SourceParts': '/dev/null',
    'Dir::State::status': status,
  });
}

/** The mirror that the machine's own apt is set up with. */
async function mirror(): Promise<string> {
  const uris = await runCommand('apt-get', ['indextargets', '--format', '$(REPO_URI)', 'Identifier: Packages']);
  return uris.split('\n').find((uri) => /\/debian\/?$/.test(uri)) ?? MIRROR;
}

function settings(values: Record<string, string>): string[] {
  return Object.entries(values).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
}
