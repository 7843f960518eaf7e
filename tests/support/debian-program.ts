/** Programs that tests need and nobody has to install: Debian's packages, unpacked where the private Redis is. */
import { readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { unpackDebianPackages } from '../../scripts/services/debian-packages.ts';

export interface DebianProgram {
  readonly command: string;
  /** Before its own. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

interface Wanted {
  /** Of the package. */
  readonly name: string;
  /** The program's path in it. */
  readonly file: string;
  /** Default: the machine's own. */
  readonly release?: string;
  readonly leaveOut?: RegExp;
}

export async function debianProgram({ name, file, release = 'host', leaveOut }: Wanted): Promise<DebianProgram> {
  const dir = path.join(homedir(), '.cache/gehra', release === 'host' ? name : `${name}-${release}`);
  await unpackDebianPackages({ names: [name], release, ...(leaveOut ? { leaveOut } : {}) }, dir);
  const program = path.join(dir, file);
  const lib = path.join(dir, 'usr/lib');
  // Debian names the folder of libraries after the machine: x86_64-linux-gnu.
  const triplet = readdirSync(lib).find((entry) => entry.endsWith('-linux-gnu'));
  const libraries = triplet ? path.join(lib, triplet) : '';
  if (release === 'host') return { command: program, args: [], env: libraries ? { LD_LIBRARY_PATH: libraries } : {} };
  // The libraries of another release have a loader of their own.
  const loader = readdirSync(libraries).find((entry) => entry.startsWith('ld-linux')) as string;
  return { command: path.join(libraries, loader), args: ['--library-path', libraries, program], env: {} };
}
