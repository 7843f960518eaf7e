/** ./gehra install and uninstall on a folder that stands for the system, with programs of the system that only note their calls. */
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { packageRoot } from '../../lib/config/root.ts';
import { UserError } from '../../scripts/user-error.ts';
import { install, uninstall } from '../../scripts/verbs/install.ts';
import { gehra } from '../support/gehra.ts';

const UNITS = '/etc/systemd/system';
const OWN = ['gehra-start.timer', 'gehra-stop.service', 'gehra-stop.timer', 'gehra.service'];

const ENV_CALLS = [`chown root:gehra ${packageRoot}/.env`, `chmod 0640 ${packageRoot}/.env`];

let root: string;
let bin: string;
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'gehra-root-'));
  bin = path.join(root, 'fake-bin');
  for (const dir of [bin, path.join(root, UNITS), path.join(root, 'run/systemd/system')])
    mkdirSync(dir, { recursive: true });
  fake('id', 'exit 1');
  for (const name of ['systemctl', 'useradd', 'userdel', 'chown', 'chmod']) fake(name, 'exit 0');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function fake(name: string, end: string): void {
  const file = path.join(bin, name);
  writeFileSync(file, `#!/bin/sh\necho "${name} $*" >>"${root}/calls"\n${end}\n`);
  chmodSync(file, 0o755);
}
/** Both verbs in this process: a start of ./gehra for each step would take longer than all of them. */
async function run(...args: string[]): Promise<{ error: string; stdout: string }> {
  const given = (name: string): boolean => args.includes(name);
  const written = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  vi.stubEnv('PATH', `${bin}:${process.env.PATH}`);
  let error = '';
  try {
    if (given('uninstall')) await uninstall({ root, yes: given('--yes'), purge: given('--purge') });
    else {
      const at = args.indexOf('--units-only');
      await install({
        dataDir: '/var/lib/gehra/data',
        user: 'gehra',
        root,
        yes: given('--yes'),
        disableOld: given('--disable-old-timers'),
        build: async () => appendFileSync(path.join(root, 'calls'), 'build\n'),
        ...(at < 0 ? {} : { unitsOnly: args[at + 1] as string }),
      });
    }
  } catch (thrown) {
    if (!(thrown instanceof UserError)) throw thrown;
    error = thrown.message;
  }
  const stdout = written.mock.calls.map(([text]) => String(text)).join('');
  written.mockRestore();
  vi.unstubAllEnvs();
  return { error, stdout };
}
const calls = (): string[] =>
  existsSync(path.join(root, 'calls'))
    ? readFileSync(path.join(root, 'calls'), 'utf8')
        .trim()
        .split('\n')
        .filter((call) => !call.startsWith('id '))
    : [];
const installed = (): string[] => readdirSync(path.join(root, UNITS)).toSorted();

describe('./gehra install', () => {
  it('says what it would do, and does nothing', async () => {
    // As it is typed.
    const { code, stdout } = await gehra(['install', '--root', root], { env: { PATH: `${bin}:${process.env.PATH}` } });
    expect(code).toBe(0);
    expect(stdout).toContain('nothing was. Give --yes');
    expect(stdout).toContain('would make the user gehra');
    expect(stdout).toContain('would write /etc/systemd/system/gehra.service');
    expect(installed()).toEqual([]);
    expect(calls()).toEqual([]);
  });

  it('makes the user, the folder, the units and the timers, and does no more the second time', async () => {
    expect((await run('install', '--yes')).error).toBe('');
    expect(installed()).toEqual(OWN);
    expect(existsSync(path.join(root, 'var/lib/gehra/data'))).toBe(true);
    const service = readFileSync(path.join(root, UNITS, 'gehra.service'), 'utf8');
    expect(service).toContain('User=gehra\n');
    expect(service, 'a machine that starts at noon records').toContain('\n[Install]\nWantedBy=multi-user.target\n');
    expect(service).toContain('up --data "/var/lib/gehra/data"\n');
    expect(calls().map((call) => call.split(' ').slice(0, 3).join(' '))).toEqual([
      'useradd --system --user-group',
      'chown --no-dereference gehra:',
      'chown --no-dereference root:',
      'chown --recursive --no-dereference',
      ...(existsSync(path.join(packageRoot, '.env')) ? ENV_CALLS : []),
      'build',
      'systemctl daemon-reload',
      'systemctl enable gehra.service',
      'systemctl enable --now',
    ]);
    // Nothing that root runs may be changed by who gets into the service.
    expect(calls().find((call) => call.startsWith('chown --recursive'))).toMatch(
      /^chown --recursive --no-dereference root: .*\/scripts( |$)/,
    );
    fake('id', 'exit 0');
    const again = await run('install');
    expect(again.stdout).not.toMatch(/would (write|make the user)/);
  });

  it('finds the timers of the predecessor, and disables them only when asked to', async () => {
    for (const name of ['tradingapp-start.timer', 'tradingapp-stop.timer'])
      writeFileSync(path.join(root, UNITS, name), '');
    const first = await run('install', '--yes');
    expect(first.stdout).toContain('tradingapp-start.timer and tradingapp-stop.timer of the predecessor');
    expect(calls().join('\n')).not.toContain('tradingapp');
    await run('install', '--yes', '--disable-old-timers');
    expect(calls()).toContain('systemctl disable --now tradingapp-start.timer');
    expect(calls()).toContain('systemctl disable --now tradingapp-stop.timer');
  });

  it('refuses a system without systemd, and still writes the units for another', async () => {
    rmSync(path.join(root, 'run/systemd'), { recursive: true });
    const refused = await run('install', '--yes');
    expect(refused.error).toContain('systemd does not run this system');
    expect(installed()).toEqual([]);
    const to = path.join(root, 'units');
    expect((await run('install', '--units-only', to)).error).toBe('');
    expect(readdirSync(to).toSorted()).toEqual(OWN);
  });
});

describe('./gehra uninstall', () => {
  const secrets = (): string => path.join(root, 'var/lib/gehra/data/secrets.json');
  beforeEach(async () => {
    await run('install', '--yes');
    mkdirSync(path.join(root, 'var/lib/gehra/data/journal'), { recursive: true });
    writeFileSync(secrets(), '{}');
    rmSync(path.join(root, 'calls'));
  });

  it('says what it would do, then does it and keeps the data', async () => {
    expect((await run('uninstall')).stdout).toContain('would remove /etc/systemd/system/gehra.service');
    expect(installed()).toEqual(OWN);
    expect((await run('uninstall', '--yes')).error).toBe('');
    expect(installed()).toEqual([]);
    expect(calls()).toEqual([
      'systemctl disable --now gehra-start.timer gehra-stop.timer',
      'systemctl stop gehra.service',
      'systemctl disable gehra.service',
      'systemctl daemon-reload',
    ]);
    expect(existsSync(secrets())).toBe(true);
    expect((await run('uninstall', '--yes')).error).toContain('nothing is installed');
  });

  it('deletes the data with --purge, and nothing that is no data folder', async () => {
    const unit = path.join(root, UNITS, 'gehra.service');
    const text = readFileSync(unit, 'utf8');
    mkdirSync(path.join(root, 'srv/photos'), { recursive: true });
    writeFileSync(path.join(root, 'srv/photos/one.jpg'), '');
    writeFileSync(unit, text.replace(/^DataFolder=.*$/m, 'DataFolder=/srv/photos'));
    const refused = await run('uninstall', '--yes', '--purge');
    expect(refused.error).toContain('/srv/photos is no data folder of Gehra');
    expect(existsSync(path.join(root, 'srv/photos/one.jpg'))).toBe(true);
    expect(installed()).toEqual(OWN);
    writeFileSync(unit, text);
    expect((await run('uninstall', '--yes', '--purge')).error).toBe('');
    expect(existsSync(path.join(root, 'var/lib/gehra/data'))).toBe(false);
    expect(calls()).toContain('userdel gehra');
  });
});
