import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { packageRoot } from '../../lib/config/root.ts';
import { gehra } from '../support/gehra.ts';

/** Programs that the launcher itself uses. */
const TOOLS = [
  'sh',
  'cat',
  'cmp',
  'cp',
  'date',
  'dirname',
  'find',
  'grep',
  'head',
  'mkdir',
  'mktemp',
  'readlink',
  'rm',
];

let root: string;
let bin: string;

/** A checkout with nothing but the launcher, and a PATH with nothing but its tools. */
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'gehra launcher-'));
  bin = path.join(root, 'bin');
  mkdirSync(path.join(root, 'scripts'));
  mkdirSync(bin);
  copyFileSync(path.join(packageRoot, 'gehra'), path.join(root, 'gehra'));
  writeFileSync(path.join(root, 'package-lock.json'), 'first lock');
  writeFileSync(path.join(root, 'scripts/launch.mjs'), "console.log('launched with', process.argv.slice(2).join('|'))");
  for (const tool of TOOLS) symlinkSync(path.join('/usr/bin', tool), path.join(bin, tool));
  symlinkSync(process.execPath, path.join(bin, 'node'));
});
afterEach(() => rmSync(root, { recursive: true }));

function program(name: string, script: string): void {
  rmSync(path.join(bin, name), { force: true });
  writeFileSync(path.join(bin, name), `#!/bin/sh\n${script}\n`);
  chmodSync(path.join(bin, name), 0o755);
}

/** Does what npm ci does as far as the launcher looks, and counts its calls. */
const NPM = `
  echo "$@" >> "${'$'}{0%/*}/npm-calls"
  rm -rf node_modules && mkdir node_modules && cp package-lock.json node_modules/.package-lock.json`;

const run = (...args: string[]): ReturnType<typeof gehra> =>
  gehra(args, { root, cwd: '/', env: { PATH: bin, TMPDIR: root } });
const npmCalls = (): string[] => {
  const file = path.join(bin, 'npm-calls');
  return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
};

describe('Node', () => {
  it('is missing', async () => {
    rmSync(path.join(bin, 'node'));
    const { code, stderr } = await run();
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^Gehra needs Node 20\.15 or newer, and there is no node on the PATH\.\nInstall it from https:/,
    );
  });

  it.each(['v18.19.0', 'v20.14.9'])('%s is too old', async (version) => {
    program('node', `echo ${version}`);
    const { code, stderr } = await run();
    expect(code).toBe(1);
    expect(stderr).toContain(`node is ${version}.`);
  });
});

describe('the packages', () => {
  it('are installed the first time, not again, and again when the lock has changed', async () => {
    program('npm', NPM);
    const first = await run('up', '--data', 'a b');
    expect(first.stdout).toBe('launched with up|--data|a b\n');
    expect(first.stderr).toMatch(/^installing packages with npm ci.* \d+ s\n$/);
    expect((await run()).stderr).toBe('');
    expect(npmCalls()).toEqual(['ci --no-audit --no-fund']);

    writeFileSync(path.join(root, 'package-lock.json'), 'second lock');
    await run();
    expect(npmCalls()).toHaveLength(2);
  });

  it('are taken as they are when somebody ran npm by hand', async () => {
    program('npm', NPM);
    mkdirSync(path.join(root, 'node_modules'));
    writeFileSync(path.join(root, 'node_modules/.package-lock.json'), '');
    const earlier = new Date(Date.now() - 60_000);
    utimesSync(path.join(root, 'package-lock.json'), earlier, earlier);
    expect((await run()).code).toBe(0);
    expect(npmCalls()).toEqual([]);
  });

  it('are installed again when that was cut short', async () => {
    program('npm', 'mkdir node_modules; exit 1');
    expect((await run()).code).toBe(1);
    program('npm', NPM);
    expect((await run()).code).toBe(0);
  });

  it('cannot be installed: npm says why, and the launcher what to do', async () => {
    program('npm', 'echo "npm error ENOTFOUND registry" >&2; exit 1');
    const { code, stdout, stderr } = await run('up');
    expect(code).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toContain('npm error ENOTFOUND registry');
    expect(stderr).toContain('Check that the npm registry is reachable (npm ping)');
  });

  it('need npm', async () => {
    const { code, stderr } = await run();
    expect(code).toBe(1);
    expect(stderr).toContain('sudo apt-get install npm');
  });
});
