/** What a build is made from, and the hashes that tell whether it has changed. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { packageRoot } from '../../lib/config/root.ts';

/** What the web app is built from. */
const WEB = [
  'app',
  'components',
  'db',
  'lib',
  'public',
  'proxy.ts',
  'next.config.mjs',
  'postcss.config.mjs',
  'tsconfig.json',
  'package.json',
  'package-lock.json',
] as const;

/** What the other processes are built from, beside the above. */
const PROCESSES = ['collectors', 'scripts', 'simulator', 'workers'] as const;

export interface SourceHashes {
  readonly web: string;
  /** Of everything. */
  readonly all: string;
}

export function hashSources(root: string = packageRoot): SourceHashes {
  const web = hashOf(root, WEB);
  return { web, all: createHash('sha256').update(web).update(hashOf(root, PROCESSES)).digest('hex') };
}

function hashOf(root: string, names: readonly string[]): string {
  const hash = createHash('sha256');
  for (const name of names) {
    for (const file of filesOf(root, name)) {
      const content = readFileSync(path.join(root, file));
      hash.update(`${file}\0${content.length}\0`).update(content);
    }
  }
  return hash.digest('hex');
}

/** The files of a folder, or the file itself, in a fixed order, relative to the root; tests are left out. */
function filesOf(root: string, name: string): string[] {
  const absolute = path.join(root, name);
  if (!existsSync(absolute)) return [];
  if (path.extname(name) !== '') return [name];
  return readdirSync(absolute, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.test.ts'))
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)))
    .sort();
}
