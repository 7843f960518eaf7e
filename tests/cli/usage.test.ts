import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageRoot } from '../../lib/config/root.ts';
import { gehra } from '../support/gehra.ts';

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'gehra usage-'));
});
afterAll(() => rmSync(dir, { recursive: true }));

const VERBS = [
  'up',
  'down',
  'env',
  'sign-in-link',
  'replay',
  'import',
  'backup',
  'restore',
  'status',
  'logs',
  'token',
  'candles',
  'doctor',
  'systemd',
  'build',
  'migrate',
  'tiles',
  'test',
  'bench',
  'chaos',
  'export',
  'seal',
  'timescale',
];

it('lists its verbs', async () => {
  const { code, stdout } = await gehra(['--help']);
  expect(code).toBe(0);
  for (const verb of VERBS) expect(stdout).toMatch(new RegExp(`^  ${verb} `, 'm'));
});

it.each(VERBS)('explains %s', async (verb) => {
  const { code, stdout } = await gehra([verb, '--help']);
  expect(code).toBe(0);
  expect(stdout).toContain(`Usage: gehra ${verb}`);
});

it.each([
  [['upp'], "unknown command 'upp'"],
  [['up', '--prot', '3000'], "unknown option '--prot'"],
  [['up', '--port', 'http'], 'It is no whole number from 0 to 65535.'],
  [['up', '--port', '70000'], 'It is no whole number from 0 to 65535.'],
  [['up', '--writers', '4'], 'It is no whole number from 1 to 3.'],
  [['up', '--market', 'replay:'], 'It is neither synthetic nor replay:PATH.'],
  [['up', '--market', 'replay:/no/such/day'], 'There is no /no/such/day.'],
  [['up', '--speed', '0'], 'It is no number from 0.1 to 100, nor max.'],
  [['candles', 'NSE:SBIN', '--from', '2026-02-30', '--to', '2026-03-01'], 'It is no date of the form 2026-11-25.'],
  [['candles', 'NSE:SBIN'], "required option '--from <date>'"],
  [['tiles', '--from', '2026-02-30'], 'It is no date of the form 2026-11-25.'],
  [['seal', '--day', '2026-02-30'], 'It is no date of the form 2026-11-25.'],
  [['seal', '--feed', 'dhan-depth200-9'], 'There is no such feed. There are: kite-ticks-1,'],
  [['down', 'all'], 'too many arguments'],
  [['export', '--instrument', 'NFO:X', '--what', 'ticks', '--from', 'today', '--to', '0'], 'It is no instant'],
  [['export', '--instrument', 'NFO:X', '--what', 'orders'], 'Allowed choices are ticks'],
])('answers %j with exit code 2 and a hint', async (args, message) => {
  const { code, stderr } = await gehra(args);
  expect(stderr).toContain(message);
  expect(stderr).toContain('See ./gehra --help');
  expect(code).toBe(2);
});

it('suggests the verb that was meant', async () => {
  expect((await gehra(['doctr'])).stderr).toContain('Did you mean doctor?');
});

it('works from any folder, and through a link in a folder with a blank in its name', async () => {
  const link = path.join(dir, 'a link');
  symlinkSync(packageRoot, link);
  const { code, stdout } = await gehra(['--help'], { root: link, cwd: dir });
  expect(code).toBe(0);
  expect(stdout).toContain('Usage: gehra');
});

it.each(['env', 'status'])('says that no instance runs: %s', async (verb) => {
  const data = path.join(dir, 'nothing here');
  const { code, stderr } = await gehra([verb, '--data', data]);
  expect(code).toBe(1);
  expect(stderr).toMatch(
    /^No instance (is ready|runs) in .*nothing here\. Start one with: \.\/gehra up --data '.*nothing here'\n$/,
  );
});

it('takes relative paths from where it was called', async () => {
  expect((await gehra(['down', '--data', 'here'], { cwd: dir })).stdout).toBe(
    `no instance runs in ${path.join(dir, 'here')}\n`,
  );
});

describe('a setting that cannot be used', () => {
  it('is named', async () => {
    const { code, stderr } = await gehra(['down'], { env: { DATABASE_URL: 'mysql://h/d', LOG_LEVEL: 'loud' } });
    expect(code).toBe(1);
    expect(stderr).toContain('DATABASE_URL is no postgres or postgresql address');
    expect(stderr).toMatch(/^ {2}LOG_LEVEL /m);
  });
});

describe('logs', () => {
  it('says when nothing has run', async () => {
    const data = path.join(dir, 'empty');
    mkdirSync(data);
    expect((await gehra(['logs', '--data', data])).stderr).toContain('nothing has run there yet');
  });
});
