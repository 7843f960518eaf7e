/** A page of a variant in a browser of its own, the CPU time of whose processes can be read. */
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium, type Page } from '@playwright/test';
import { build } from 'esbuild';
import playwrightConfig from '../../playwright.config.ts';
import type { Skipped } from './bench.ts';
import { treeCpuSeconds } from './cpu.ts';

export const LAUNCH = playwrightConfig.use?.launchOptions ?? {};
export const VIEWPORT = { width: 1600, height: 900 };

export interface Site {
  /** Source files, each of them served as `/<its name>.js`. The first is the page's; others are workers. */
  readonly scripts: readonly [URL, ...URL[]];
  readonly style: string;
  /** What else is served, by path. */
  readonly data: Readonly<Record<string, string | Uint8Array>>;
}

export interface OpenPage {
  readonly page: Page;
  /** CPU seconds so far of all processes of the browser. */
  cpuSeconds(): number;
}

/** Opens the site in a fresh browser for as long as `use` takes. */
export async function inBrowser<T>(site: Site, use: (open: OpenPage) => Promise<T>): Promise<T | Skipped> {
  const { executablePath } = LAUNCH;
  if (executablePath !== undefined && !existsSync(executablePath)) return { skipped: `no ${executablePath}` };
  const served = await serve(site);
  const browser = await chromium.launchServer(LAUNCH);
  try {
    const connection = await chromium.connect(browser.wsEndpoint());
    const page = await connection.newPage({ viewport: VIEWPORT });
    // A mistake on the page would otherwise be seen only as a wait without end.
    const failed = new Promise<never>((_, reject) => page.on('pageerror', reject));
    await page.goto(served.url);
    const pid = browser.process().pid as number;
    return await Promise.race([use({ page, cpuSeconds: () => treeCpuSeconds([pid]) }), failed]);
  } finally {
    await browser.close();
    served.close();
  }
}

async function serve({ scripts, style, data }: Site): Promise<{ url: string; close(): void }> {
  const bundles = await build({
    entryPoints: scripts.map((script) => fileURLToPath(script)),
    // Names only: nothing is written.
    outdir: '/',
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    write: false,
  });
  const files = new Map<string, string | Uint8Array>(Object.entries(data));
  for (const { path: file, contents } of bundles.outputFiles) files.set(`/${path.basename(file)}`, contents);
  const main = path.basename(scripts[0].pathname, '.ts');
  files.set(
    '/',
    `<!doctype html><style>${style}</style><body style="margin:0"><script type="module" src="/${main}.js"></script>`,
  );
  const server = createServer((request, response) => {
    const name = request.url ?? '/';
    const file = files.get(name);
    const type = name === '/' ? 'text/html' : name.endsWith('.js') ? 'text/javascript' : 'application/octet-stream';
    response.writeHead(file === undefined ? 404 : 200, { 'content-type': type }).end(file);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/`, close: () => server.close().closeAllConnections() };
}
