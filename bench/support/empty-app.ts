/** An app with one page and nothing on it, built for production by our own Next.js. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const ROOT = path.resolve(import.meta.dirname, '../..');
/** Within the checkout, so that its packages are found; git does not see it. */
const FOLDER = path.join(ROOT, 'test-results');

const FILES = {
  'package.json': JSON.stringify({ name: 'empty', private: true, type: 'module' }),
  'next.config.mjs': `export default { turbopack: { root: ${JSON.stringify(ROOT)} } };`,
  'app/layout.jsx': 'export default ({ children }) => <html lang="en"><body>{children}</body></html>;',
  'app/page.jsx': 'export default () => <p>Nothing.</p>;',
};

/** Builds it, gives its `.next` to `use`, and removes it again. */
export function withEmptyApp<T>(use: (nextDir: string) => T): T {
  mkdirSync(FOLDER, { recursive: true });
  const folder = mkdtempSync(path.join(FOLDER, 'empty-app-'));
  try {
    mkdirSync(path.join(folder, 'app'));
    for (const [name, text] of Object.entries(FILES)) writeFileSync(path.join(folder, name), text);
    execFileSync(process.execPath, [path.join(ROOT, 'node_modules/next/dist/bin/next'), 'build'], {
      cwd: folder,
      env: { ...process.env, NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1' },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    return use(path.join(folder, '.next'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
