/**
 * What the lockfile is held to: no version with a grave fault that is known, nothing that comes from elsewhere than a registry of
 * packages, and no licence that has not been looked at. The floors are kept by hand, from advisories: not every registry answers
 * `npm audit`.
 */
import type { Finding } from './finding.ts';

export interface LockedPackage {
  readonly version?: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly license?: string;
  readonly link?: boolean;
  readonly dev?: boolean;
}

export interface Lockfile {
  /** By where it stands: `node_modules/next/node_modules/postcss`. */
  readonly packages: Readonly<Record<string, LockedPackage>>;
}

/**
 * The first good version of each line of versions that had a fault, with the fault. A line above them all is taken for good, one
 * below or between them for bad.
 */
export const FLOORS: Readonly<Record<string, readonly [version: string, fault: string][]>> = {
  next: [['16.4.1', 'CVE-2026-64644, CVE-2026-94482, CVE-2026-94483, CVE-2026-94485']],
  'next-auth': [['4.24.15', 'CVE-2026-73419']],
  react: [['19.2.4', 'server functions of its lines before that: CVE-2025-55182 and its followers']],
  'react-dom': [['19.2.4', 'as react']],
  ws: [
    ['6.2.3', 'CVE-2024-37890'],
    ['7.5.10', 'CVE-2024-37890'],
    ['8.17.1', 'CVE-2024-37890'],
  ],
  axios: [['1.12.0', 'CVE-2025-58754']],
  'form-data': [['4.0.4', 'CVE-2025-7783']],
  'follow-redirects': [['1.15.6', 'CVE-2024-28849']],
  cookie: [['0.7.0', 'CVE-2024-47764']],
  nanoid: [
    ['3.3.8', 'CVE-2024-55565'],
    ['5.0.9', 'CVE-2024-55565'],
  ],
  jose: [
    ['4.15.5', 'CVE-2024-28176'],
    ['5.2.2', 'CVE-2024-28176'],
  ],
  esbuild: [['0.25.0', 'GHSA-67mh-4wv8-2f99']],
  postcss: [['8.4.31', 'CVE-2023-44270']],
  sharp: [['0.32.6', 'CVE-2023-4863']],
  semver: [
    ['5.7.2', 'CVE-2022-25883'],
    ['6.3.1', 'CVE-2022-25883'],
    ['7.5.2', 'CVE-2022-25883'],
  ],
  'brace-expansion': [
    ['1.1.12', 'CVE-2025-5889'],
    ['2.0.2', 'CVE-2025-5889'],
    ['4.0.1', 'CVE-2025-5889'],
  ],
  braces: [['3.0.3', 'CVE-2024-4068']],
  micromatch: [['4.0.8', 'CVE-2024-4067']],
  'cross-spawn': [
    ['6.0.6', 'CVE-2024-21538'],
    ['7.0.5', 'CVE-2024-21538'],
  ],
  'path-to-regexp': [
    ['6.3.0', 'CVE-2024-45296'],
    ['8.0.0', 'CVE-2024-45296'],
  ],
  'js-yaml': [
    ['3.14.2', 'CVE-2025-64718'],
    ['4.1.1', 'CVE-2025-64718'],
  ],
  qs: [['6.14.1', 'CVE-2025-15284']],
  'tough-cookie': [['4.1.3', 'CVE-2023-26136']],
  '@babel/runtime': [['7.26.10', 'CVE-2025-27789']],
};

/** What we may use and hand on, or use while we build and test. */
const LICENCES = new Set([
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'BlueOak-1.0.0',
  'ISC',
  'MIT',
  'MIT OR Apache-2.0',
  // Fonts.
  'OFL-1.1',
  // Used as they come, unchanged: Lightning CSS, axe-core.
  'MPL-2.0',
  // argparse, which is a port of Python's.
  'Python-2.0',
  // Data of browsers.
  'CC-BY-4.0',
]);
/** libvips beside sharp, a library that Next.js would load to make pictures smaller, which is off: a file of its own that can be exchanged. */
const LIBRARIES_OF_THEIR_OWN = /^node_modules\/@img\/sharp-/;

const numbers = (version: string): number[] => version.split(/[.-]/).map(Number);

/** Whether one version is as new as another, by their numbers. */
export function atLeast(version: string, floor: string): boolean {
  const [have, want] = [numbers(version), numbers(floor)];
  const differing = want.findIndex((part, i) => have[i] !== part);
  return differing < 0 || (have[differing] ?? 0) > (want[differing] ?? 0);
}

/** Whether a version stands in a line that has a floor, not below it; or above all that have. */
function isGood(version: string, floors: readonly string[]): boolean {
  const line = (one: string): string => one.split('.')[0] as string;
  const own = floors.find((floor) => line(floor) === line(version));
  return own === undefined ? floors.every((floor) => atLeast(version, floor)) : atLeast(version, own);
}

/** Everything that is wrong with a lockfile. */
export function checkLockfile({ packages }: Lockfile): Finding[] {
  return Object.entries(packages).flatMap(([at, locked]): Finding[] => {
    // The first entry is the project itself.
    if (at === '') return [];
    const { version = '', resolved, integrity, license = 'none that it names' } = locked;
    const finding = (what: string, why: string): Finding => ({
      file: 'package-lock.json',
      line: 0,
      what: `${at}: ${what}`,
      why,
    });
    const findings: Finding[] = [];
    if (resolved !== undefined) {
      findings.push(
        finding(`comes from ${resolved}`, 'only what every registry has may be used, so no address stands here'),
      );
    }
    if (locked.link || !/^\d+\.\d+\.\d+/.test(version)) {
      findings.push(finding(`is ${locked.link ? 'a link' : version}`, 'not a version of a registry'));
    }
    if (!integrity?.startsWith('sha512-'))
      findings.push(finding('has no SHA-512', 'anything could be put in its place'));
    if (!LICENCES.has(license) && !LIBRARIES_OF_THEIR_OWN.test(at)) {
      findings.push(finding(`licence ${license}`, 'enter it in LICENCES, once somebody has looked at it'));
    }
    const name = at.slice(at.lastIndexOf('node_modules/') + 'node_modules/'.length);
    const floors = FLOORS[name];
    if (
      floors &&
      !isGood(
        version,
        floors.map(([floor]) => floor),
      )
    ) {
      findings.push(finding(version, floors.map(([floor, fault]) => `${fault}: take ${floor}`).join('; ')));
    }
    return findings;
  });
}
