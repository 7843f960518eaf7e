/** Floors of packages that had grave faults below them, and what must stand nowhere in our sources. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { packageRoot } from '../../lib/config/root.ts';

const FLOORS: Readonly<Record<string, string>> = { next: '16.4.1', 'next-auth': '4.24.15' };

const numbers = (version: string): number[] => version.split('.').map(Number);
const atLeast = (version: string, floor: string): boolean => {
  const [have, want] = [numbers(version), numbers(floor)];
  const differing = want.findIndex((part, i) => have[i] !== part);
  return differing < 0 || (have[differing] ?? 0) > (want[differing] ?? 0);
};

it.each(Object.entries(FLOORS))('S61: %s is %s or newer in the lockfile, wherever it stands', (name, floor) => {
  const { packages } = JSON.parse(readFileSync(path.join(packageRoot, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { version: string }>;
  };
  const versions = Object.entries(packages).flatMap(([at, { version }]) =>
    at.endsWith(`node_modules/${name}`) ? version : [],
  );
  expect(versions.length).toBeGreaterThan(0);
  for (const version of versions) expect(atLeast(version, floor), version).toBe(true);
});

it('compares versions by their numbers', () => {
  expect(atLeast('16.4.10', '16.4.9')).toBe(true);
  expect(atLeast('16.3.99', '16.4.1')).toBe(false);
  expect(atLeast('16.4.1', '16.4.1')).toBe(true);
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
