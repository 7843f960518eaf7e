/**
 * Lighthouse, which judges a page in a browser. It comes with two hundred packages and 190 MB that nothing else here needs, so it is no
 * dependency: this bench installs it beside the others when it is first run, this very version, without running scripts of its packages.
 */
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { givenEnvironment } from '../../lib/config/config.ts';
import { packageRoot } from '../../lib/config/root.ts';
import { CHROMIUM } from '../../scripts/services/chromium.ts';
import { toSpawn } from '../../scripts/supervise/environment.ts';

/** The newest that runs on Node 20. */
const VERSION = '12.8.2';
const HOME = path.join(packageRoot, 'node_modules/.cache/lighthouse', VERSION);
const PROGRAM = path.join(HOME, 'node_modules/lighthouse/cli/index.js');
const INSTALL_MS = 300_000;
const PAGE_MS = 150_000;
/** A page that listens to the market is never quiet. */
const LOAD_MS = 12_000;

export const CATEGORIES = ['accessibility', 'best-practices', 'performance'] as const;
type Category = (typeof CATEGORIES)[number];

export interface Judgement {
  /** 0 to 100. */
  readonly scores: Readonly<Record<Category, number>>;
  /** What costs points, by category: `accessibility: color-contrast`. */
  readonly faults: readonly string[];
}

const run = promisify(execFile);

export async function installLighthouse(): Promise<void> {
  if (existsSync(PROGRAM)) return;
  const flags = ['--no-save', '--ignore-scripts', '--no-audit', '--no-fund', '--omit=dev'];
  await run('npm', ['install', '--prefix', HOME, ...flags, `lighthouse@${VERSION}`], { timeout: INSTALL_MS });
}

/** @param cookie of who looks at the page; empty for nobody. As a telephone sees it, on a slow line, which is Lighthouse's own default. */
export async function judge(address: string, cookie: string): Promise<Judgement> {
  const dir = mkdtempSync(path.join(tmpdir(), 'gehra-lighthouse-'));
  try {
    const headers = path.join(dir, 'headers.json');
    const report = path.join(dir, 'report.json');
    writeFileSync(headers, JSON.stringify(cookie === '' ? {} : { Cookie: cookie }), { mode: 0o600 });
    const look = () =>
      run(
        process.execPath,
        [
          PROGRAM,
          address,
          '--quiet',
          '--output=json',
          `--output-path=${report}`,
          `--extra-headers=${headers}`,
          `--only-categories=${CATEGORIES.join(',')}`,
          `--max-wait-for-load=${LOAD_MS}`,
          '--no-enable-error-reporting',
          '--chrome-flags=--headless=new --no-sandbox --disable-gpu --disable-background-networking',
        ],
        { timeout: PAGE_MS, env: toSpawn({ ...givenEnvironment(), CHROME_PATH: CHROMIUM }) },
      );
    await look().catch((error: Error) => {
      // It loses the beginning of a page now and then, and says so.
      if (!error.message.includes('Please run Lighthouse again')) throw error;
      return look();
    });
    return judgementOf(JSON.parse(readFileSync(report, 'utf8')) as Report);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

interface Report {
  readonly runtimeError?: { readonly message: string };
  readonly categories: Readonly<
    Record<
      Category,
      { readonly score: number | null; readonly auditRefs: readonly { readonly id: string; readonly weight: number }[] }
    >
  >;
  readonly audits: Readonly<Record<string, { readonly score: number | null }>>;
}

function judgementOf({ runtimeError, categories, audits }: Report): Judgement {
  if (runtimeError) throw new Error(`Lighthouse: ${runtimeError.message}`);
  const scores = CATEGORIES.map((category) => {
    const { score } = categories[category];
    if (score === null) throw new Error(`Lighthouse gave no score for ${category}`);
    return [category, Math.round(score * 100)];
  });
  const faults = CATEGORIES.flatMap((category) =>
    categories[category].auditRefs
      .filter(({ id, weight }) => weight > 0 && (audits[id]?.score ?? 1) < 0.9)
      .map(({ id }) => `${category}: ${id}`),
  );
  return { scores: Object.fromEntries(scores) as Judgement['scores'], faults };
}
