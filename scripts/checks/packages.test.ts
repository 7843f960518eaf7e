/** What other people's packages bring along, and what must stand nowhere in our sources. */
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { packageRoot } from '../../lib/config/root.ts';
import { atLeast, checkLockfile, type LockedPackage, type Lockfile } from './packages.ts';

const read = (file: string): string => readFileSync(path.join(packageRoot, file), 'utf8');
const lockfile = JSON.parse(read('package-lock.json')) as Lockfile;

it('S61, S109: the lockfile has no version with a known grave fault, no address, no licence unseen, and every checksum', () => {
  expect(Object.keys(lockfile.packages).length).toBeGreaterThan(100);
  for (const name of ['next', 'next-auth', 'react', 'ws', 'postcss', 'esbuild']) {
    expect(lockfile.packages).toHaveProperty([`node_modules/${name}`]);
  }
  expect(checkLockfile(lockfile)).toEqual([]);
});

const GOOD: LockedPackage = { version: '16.4.5', integrity: 'sha512-AAAA', license: 'MIT' };
it.each<[what: string, at: string, changes: LockedPackage, why: RegExp]>([
  ['a version below its floor', 'node_modules/next', { version: '16.3.99' }, /take 16.4.1/],
  ['the same deep in another package', 'node_modules/a/node_modules/next', { version: '15.9.9' }, /take 16.4.1/],
  ['a line of versions between two floors', 'node_modules/nanoid', { version: '4.9.9' }, /take 5.0.9/],
  ['an older line below its own floor', 'node_modules/ws', { version: '6.2.2' }, /take 6.2.3/],
  ['an address', 'node_modules/next', { resolved: 'https://registry.example/next.tgz' }, /no address/],
  ['a repository', 'node_modules/next', { version: 'git+ssh://git@example.org/next.git#abc' }, /not a version/],
  ['a link', 'node_modules/next', { link: true }, /not a version/],
  ['no checksum', 'node_modules/next', { integrity: '' }, /anything could/],
  ['a weak checksum', 'node_modules/next', { integrity: 'sha1-AAAA' }, /anything could/],
  ['a licence that nobody has looked at', 'node_modules/next', { license: 'SSPL-1.0' }, /looked at/],
])('S109: finds %s', (_what, at, changes, why) => {
  const findings = checkLockfile({ packages: { '': {}, [at]: { ...GOOD, ...changes } } });
  expect(findings.map((one) => one.why).join('; ')).toMatch(why);
});

it('S109: says nothing of good versions of several lines', () => {
  const packages = {
    'node_modules/ws': { ...GOOD, version: '8.23.0' },
    'node_modules/kiteconnect/node_modules/ws': { ...GOOD, version: '6.2.7' },
    'node_modules/nanoid': { ...GOOD, version: '6.0.0' },
    'node_modules/unknown': GOOD,
  };
  expect(checkLockfile({ packages })).toEqual([]);
});

it('compares versions by their numbers', () => {
  expect(atLeast('16.4.10', '16.4.9')).toBe(true);
  expect(atLeast('16.3.99', '16.4.1')).toBe(false);
  expect(atLeast('16.4.1', '16.4.1')).toBe(true);
});

// Not with --omit=dev: npm then leaves out what packages for development ask for too, React among it.
it('S109: npm makes a list of the materials (SBOM) of everything that is locked', { timeout: 60_000 }, async () => {
  const args = ['sbom', '--package-lock-only', '--sbom-format=cyclonedx'];
  const { stdout } = await promisify(execFile)('npm', args, { cwd: packageRoot, maxBuffer: 64 * 1024 * 1024 });
  const { components } = JSON.parse(stdout) as { components: { purl: string; hashes?: unknown[] }[] };
  const { dependencies } = JSON.parse(read('package.json')) as { dependencies: Record<string, string> };
  for (const [name, version] of Object.entries(dependencies)) {
    const purl = `pkg:npm/${name.replace('@', '%40')}@${version}`;
    expect(components.find((one) => one.purl === purl)?.hashes, purl).toHaveLength(1);
  }
});

it('what the app is made of is pinned to one version each', () => {
  const { dependencies } = JSON.parse(read('package.json')) as { dependencies: Record<string, string> };
  for (const [name, version] of Object.entries(dependencies)) expect(version, name).toMatch(/^\d+\.\d+\.\d+[\w.-]*$/);
});

it('S62: there is no server action', () => {
  const files = ['app', 'components', 'lib'].flatMap((folder) =>
    readdirSync(path.join(packageRoot, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => /\.tsx?$/.test(file))
      .map((file) => path.join(packageRoot, folder, file)),
  );
  expect(files.length).toBeGreaterThan(100);
  for (const file of files) expect(readFileSync(file, 'utf8'), file).not.toMatch(/^\s*['"]use server['"]/m);
});
