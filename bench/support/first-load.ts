/** How much script a page of a built Next.js app has its browser load at first. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { runInThisContext } from 'node:vm';
import { gzipSync } from 'node:zlib';

/** Parts of a route that come only when they are needed; everything else of it comes with its page. */
const ON_DEMAND = new Set(['not-found', 'global-error']);

interface ClientManifest {
  readonly entryJSFiles: Readonly<Record<string, readonly string[]>>;
}

/** What the one page of an empty app adds to the scripts of Next.js itself, bytes: `./gehra bench first-load` measures the whole. */
export const EMPTY_PAGE_BYTES = 2900;
const MANIFEST = 'page_client-reference-manifest.js';

/** Routes of all pages of an app, `/live/[instrument]`, without those that Next.js has of its own. */
export function routesOf(nextDir: string): string[] {
  return readdirSync(path.join(nextDir, 'server/app'), { recursive: true, encoding: 'utf8' })
    .filter((file) => path.basename(file) === MANIFEST)
    .map((file) => path.posix.join('/', path.dirname(file)))
    .filter((route) => !path.basename(route).startsWith('_'))
    .sort();
}

/** Bytes of the scripts of Next.js itself, which come with every page. */
export const frameworkBytes = (nextDir: string): number => bytesOf(nextDir, rootFiles(nextDir));

/** Bytes of all scripts of a page, each compressed as it is served, those for browsers without modules left out. */
export function firstLoadBytes(nextDir: string, route: string): number {
  return bytesOf(nextDir, filesOfRoute(nextDir, route));
}

const bytesOf = (nextDir: string, files: readonly string[]): number =>
  files.reduce((sum, file) => sum + gzipSync(readFileSync(path.join(nextDir, file))).length, 0);

function rootFiles(nextDir: string): string[] {
  const { rootMainFiles } = JSON.parse(readFileSync(path.join(nextDir, 'build-manifest.json'), 'utf8')) as {
    rootMainFiles: string[];
  };
  return rootMainFiles;
}

function filesOfRoute(nextDir: string, route: string): string[] {
  const { entryJSFiles } = manifestOf(nextDir, route);
  const ofEntries = Object.entries(entryJSFiles)
    .filter(([entry]) => !ON_DEMAND.has(path.basename(entry)))
    .flatMap(([, files]) => files);
  return [...new Set([...rootFiles(nextDir), ...ofEntries])].sort();
}

/** The manifest is a script that adds itself to a global table. */
function manifestOf(nextDir: string, route: string): ClientManifest {
  const page = path.posix.join(route, 'page');
  const code = readFileSync(path.join(nextDir, 'server/app', `${page}_client-reference-manifest.js`), 'utf8');
  runInThisContext(code);
  const { __RSC_MANIFEST: table } = globalThis as unknown as { __RSC_MANIFEST: Record<string, ClientManifest> };
  return table[page] as ClientManifest;
}

/** Holds the above to what the prerendered page of `/` asks for. @throws where the two differ */
export function expectSameAsPage(nextDir: string): void {
  const html = readFileSync(path.join(nextDir, 'server/app/index.html'), 'utf8');
  const asked = [...html.matchAll(/<script\b[^>]*\bsrc="\/_next\/([^"]+)"[^>]*>/g)]
    .filter(([tag]) => !/\bnomodule\b/i.test(tag))
    .map(([, file]) => file as string)
    .sort();
  const counted = filesOfRoute(nextDir, '/');
  if (counted.join() !== asked.join())
    throw new Error(`counted ${counted.join(', ')}; the page asks for ${asked.join(', ')}`);
}
