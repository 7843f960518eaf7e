/** What ./gehra install and ./gehra uninstall do, step by step: said before it is done, and done only when asked for. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { FILES } from '../instance/folder.ts';
import { runCommand, succeeds } from '../services/run-command.ts';
import { UserError } from '../user-error.ts';
import { UNIT_SECTION } from './units.ts';

export interface Step {
  /** In the infinitive, as `make the user gehra`. */
  readonly what: string;
  readonly run: () => Promise<unknown> | unknown;
}

/** Where the system is: `/`, or a folder that stands for it. */
export interface Target {
  readonly root: string;
}

export interface Installation extends Target {
  readonly user: string;
  readonly checkout: string;
  readonly dataDir: string;
  /** Makes in the checkout what its first start would make. */
  readonly build: () => Promise<void>;
  /** By file name. */
  readonly units: Readonly<Record<string, string>>;
  /** Whether the timers of the predecessor are to go. */
  readonly disableOld: boolean;
}

/** In the checkout, where no --data is given: it belongs to whoever runs that instance. */
const OWN_DATA = 'data';
const UNIT_DIR = '/etc/systemd/system';
const UNIT_DIRS = [UNIT_DIR, '/lib/systemd/system', '/usr/lib/systemd/system'] as const;
const TIMERS = ['gehra-start.timer', 'gehra-stop.timer'] as const;
const SERVICES = ['gehra-stop.service', 'gehra.service'] as const;
/** They start and stop the predecessor, on the same tokens: two collectors would take the connections from each other. */
const OLD_TIMERS = ['tradingapp-start.timer', 'tradingapp-stop.timer'] as const;

/** @throws UserError where systemd does not run this system */
export function mustHaveSystemd({ root }: Target): void {
  // As sd_booted(3) tells.
  if (existsSync(path.join(root, '/run/systemd/system'))) return;
  throw new UserError(
    'systemd does not run this system, so there is nothing to install into. ./gehra install --units-only DIR writes the units ' +
      'for another one; without systemd keep ./gehra up running by whatever starts your programs.',
  );
}

/** The old timers that are there, by name. */
export function oldTimers({ root }: Target): string[] {
  return OLD_TIMERS.filter((name) => UNIT_DIRS.some((dir) => existsSync(path.join(root, dir, name))));
}

export async function installSteps(installation: Installation): Promise<Step[]> {
  const { root, user, checkout, dataDir, units, disableOld, build } = installation;
  const inRoot = (file: string): string => path.join(root, file);
  const steps: Step[] = [];
  if (!(await succeeds('id', [user]))) {
    steps.push({
      what: `make the user ${user}, who cannot sign in, with ${dataDir} as his home`,
      run: () =>
        runCommand('useradd', [
          '--system',
          '--user-group',
          ...['--home-dir', dataDir],
          '--no-create-home',
          ...['--shell', '/usr/sbin/nologin'],
          user,
        ]),
    });
  }
  steps.push({
    what: `make the folder ${dataDir} for ${user} alone`,
    run: async () => {
      mkdirSync(path.dirname(inRoot(dataDir)), { recursive: true, mode: 0o755 });
      mkdirSync(inRoot(dataDir), { recursive: true, mode: 0o700 });
      await runCommand('chown', ['--no-dereference', `${user}:`, inRoot(dataDir)]);
    },
  });
  steps.push(
    {
      // Root runs what is in it at the next upgrade: who gets into a process of the service must not be able to change it.
      what: `give the checkout ${checkout} to root, and let ${user} read its .env`,
      run: async () => {
        const names = readdirSync(checkout).filter((name) => name !== OWN_DATA);
        const files = names.map((name) => path.join(checkout, name));
        await runCommand('chown', ['--no-dereference', 'root:', checkout]);
        await runCommand('chown', ['--recursive', '--no-dereference', 'root:', ...files]);
        if (!names.includes('.env')) return;
        await runCommand('chown', [`root:${user}`, path.join(checkout, '.env')]);
        await runCommand('chmod', ['0640', path.join(checkout, '.env')]);
      },
    },
    { what: 'build, for some minutes where anything has changed', run: build },
  );
  for (const [name, text] of Object.entries(units)) {
    const file = inRoot(path.join(UNIT_DIR, name));
    if (existsSync(file) && readFileSync(file, 'utf8') === text) continue;
    steps.push({
      what: `write ${path.join(UNIT_DIR, name)}`,
      run: () => {
        mkdirSync(path.dirname(file), { recursive: true });
        writeFileSync(file, text);
      },
    });
  }
  for (const name of disableOld ? oldTimers(installation) : []) {
    steps.push({
      what: `stop and disable ${name} of the predecessor`,
      run: () => systemctl('disable', '--now', name),
    });
  }
  steps.push(
    { what: 'have systemd read its units', run: () => systemctl('daemon-reload') },
    { what: 'have gehra.service start with the machine', run: () => systemctl('enable', 'gehra.service') },
    { what: `enable and start ${TIMERS.join(' and ')}`, run: () => systemctl('enable', '--now', ...TIMERS) },
  );
  return steps;
}

/** @param purge whether the data and the user are to go as well @throws UserError where nothing is installed */
export function uninstallSteps(target: Target, purge: boolean): Step[] {
  const inRoot = (file: string): string => path.join(target.root, file);
  const unit = inRoot(path.join(UNIT_DIR, 'gehra.service'));
  if (!existsSync(unit)) {
    throw new UserError(`${path.join(UNIT_DIR, 'gehra.service')} is not there: nothing is installed.`);
  }
  const installed = installedAs(readFileSync(unit, 'utf8'));
  const names = [...TIMERS, ...SERVICES].filter((name) => existsSync(inRoot(path.join(UNIT_DIR, name))));
  return [
    { what: `stop and disable ${TIMERS.join(' and ')}`, run: () => systemctl('disable', '--now', ...TIMERS) },
    { what: 'stop Gehra', run: () => systemctl('stop', 'gehra.service') },
    {
      what: 'have gehra.service start with the machine no more',
      run: () => systemctl('disable', 'gehra.service'),
    },
    ...names.map((name) => ({
      what: `remove ${path.join(UNIT_DIR, name)}`,
      run: () => rmSync(inRoot(path.join(UNIT_DIR, name))),
    })),
    { what: 'have systemd read its units', run: () => systemctl('daemon-reload') },
    ...(purge ? purgeSteps(installed, inRoot) : []),
  ];
}

function purgeSteps({ user, dataDir }: { user: string; dataDir: string }, inRoot: (file: string) => string): Step[] {
  const dir = inRoot(dataDir);
  const steps: Step[] = [];
  if (existsSync(dir)) {
    const held = new Set(readdirSync(dir));
    // Whatever a unit says: only what is a data folder of ours is deleted.
    if (held.size > 0 && !held.has(FILES.secrets) && !held.has('journal')) {
      throw new UserError(`${dataDir} is no data folder of Gehra: remove it yourself, if it is to go.`);
    }
    steps.push({
      what: `DELETE ${dataDir} with everything recorded in it`,
      run: () => rmSync(dir, { recursive: true }),
    });
  }
  if (user !== 'root') steps.push({ what: `remove the user ${user}`, run: () => runCommand('userdel', [user]) });
  return steps;
}

/** What a unit says of its installation, in a section that systemd passes over. */
function installedAs(text: string): { user: string; dataDir: string } {
  const section = text.split(`[${UNIT_SECTION}]`)[1] ?? '';
  const value = (name: string): string => new RegExp(`^${name}=(.*)$`, 'm').exec(section)?.[1] ?? '';
  const [user, dataDir] = [value('User'), value('DataFolder')];
  if (!user || !path.isAbsolute(dataDir)) {
    throw new UserError('gehra.service was not made by ./gehra install: remove it yourself.');
  }
  return { user, dataDir };
}

const systemctl = (...args: string[]): Promise<string> => runCommand('systemctl', args);
