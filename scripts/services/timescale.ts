/**
 * A real TimescaleDB (Apache edition) for the tests: Debian 13's packages in a folder, run in a chroot of it. Nothing is
 * installed or mounted, and the machine's own release does not matter. Needs root, for chroot and for device files.
 */
import {
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { LOOPBACK } from '../instance/ports.ts';
import { processesIn } from '../instance/process-id.ts';
import { UserError } from '../user-error.ts';
import { unpackDebianPackages } from './debian-packages.ts';
import { type ProvidedServer, untilPostgresAnswers } from './postgres.ts';
import { serviceUser } from './postgres-home.ts';
import { runCommand } from './run-command.ts';

/** Holds the unpacked packages; can be removed at any time, and is made again. */
export const TIMESCALE_DIR = '/var/cache/gehra/timescaledb-trixie';
const RELEASE = 'trixie';
const PACKAGES = ['postgresql-17', 'postgresql-17-timescaledb', 'base-files', 'dash'] as const;
/** Debian's management scripts, the query compiler and languages: two thirds of the volume, and none of it used here. */
const LEFT_OUT = /^(perl|libperl|locales|libc-l10n|libllvm|libz3)/;
const CHROOT = '/usr/sbin/chroot';
/** Inside the chroot. */
const BIN_DIR = '/usr/lib/postgresql/17/bin';
const CLUSTERS_DIR = '/srv';
/** A cluster so new may be about to be run. */
const YOUNG_MS = 10 * 60_000;
/** Character devices: name, mode, major and minor number. */
const DEVICES = [
  ['null', '666', '1', '3'],
  ['zero', '666', '1', '5'],
  ['urandom', '666', '1', '9'],
] as const;

const SETTINGS = {
  listen_addresses: LOOPBACK,
  unix_socket_directories: '',
  shared_preload_libraries: 'timescaledb',
  dynamic_shared_memory_type: 'mmap',
  shared_buffers: '128MB',
  max_connections: '60',
  jit: 'off',
  'timescaledb.telemetry_level': 'off',
} as const;

export interface TimescaleServer extends ProvidedServer {
  /** Removes its cluster; the packages stay for the next time. */
  readonly remove: () => void;
}

/** Makes an empty cluster, and says how to run it. Anybody on this machine may connect to it: it is for tests. */
export async function prepareTimescale(port: number): Promise<TimescaleServer> {
  if (process.getuid?.() !== 0) {
    throw new UserError('TimescaleDB for the tests needs root. Type: sudo ./gehra test timescale');
  }
  await unpackDebianPackages({ names: PACKAGES, release: RELEASE, leaveOut: LEFT_OUT }, TIMESCALE_DIR);
  const user = await serviceUser();
  await furnish(user);
  removeAbandoned();
  const cluster = mkdtempSync(path.join(TIMESCALE_DIR, CLUSTERS_DIR, 'cluster-'));
  chownSync(cluster, user.uid, user.gid);
  const inside = path.join('/', path.relative(TIMESCALE_DIR, cluster));
  const inChroot = (program: string, ...args: string[]): string[] => [
    `--userspec=${user.uid}:${user.gid}`,
    TIMESCALE_DIR,
    path.join(BIN_DIR, program),
    ...args,
  ];
  const settings = Object.entries(SETTINGS).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  await runCommand(
    CHROOT,
    inChroot(
      'initdb',
      '-D',
      inside,
      '--username=gehra',
      '--auth=trust',
      '--encoding=UTF8',
      '--locale=C',
      '--no-sync',
      ...settings,
    ),
  );
  const url = `postgres://gehra@${LOOPBACK}:${port}/postgres`;
  return {
    url,
    remove: () => rmSync(cluster, { recursive: true, force: true }),
    spec: {
      name: 'timescaledb',
      command: CHROOT,
      args: inChroot('postgres', '-D', inside, '-p', String(port)),
      cwd: '/',
      env: { LC_ALL: 'C' },
      stopSignal: 'SIGINT',
      ready: (signal) => untilPostgresAnswers(url, signal),
    },
  };
}

/** Removes clusters whose tests were killed. */
function removeAbandoned(): void {
  const dir = path.join(TIMESCALE_DIR, CLUSTERS_DIR);
  for (const cluster of readdirSync(dir).map((name) => path.join(dir, name))) {
    const isYoung = Date.now() - statSync(cluster).mtimeMs < YOUNG_MS;
    if (!isYoung && processesIn(cluster).length === 0) rmSync(cluster, { recursive: true, force: true });
  }
}

/** What the packages' install scripts would have made, as far as a server needs it. */
async function furnish({ name, uid, gid }: { name: string; uid: number; gid: number }): Promise<void> {
  const inRoot = (file: string): string => path.join(TIMESCALE_DIR, file);
  for (const [device, mode, major, minor] of DEVICES) {
    const file = inRoot(`dev/${device}`);
    if (!existsSync(file)) await runCommand('mknod', ['--mode', mode, file, 'c', major, minor]);
  }
  if (!existsSync(inRoot('usr/bin/sh'))) symlinkSync('dash', inRoot('usr/bin/sh'));
  writeFileSync(inRoot('etc/passwd'), `${name}:x:${uid}:${gid}::/:/bin/sh\n`);
  mkdirSync(inRoot(CLUSTERS_DIR), { recursive: true, mode: 0o755 });
}
