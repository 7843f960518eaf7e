import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LAYERS } from './checks/import-rules.ts';
import { checkImports } from './checks/imports.ts';

let root = '';
beforeEach(() => {
  root = mkdtempSync(path.join(os.tmpdir(), 'gehra-imports-'));
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

function plant(files: Record<string, string>): void {
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    writeFileSync(path.join(root, file), text);
  }
}

/** Findings in a tree of these files, as `file:line  what`. */
function findingsIn(files: Record<string, string>): string[] {
  plant(files);
  return checkImports(root).map(({ file, line, what }) => `${file}:${line}  ${what}`);
}

/** A file in one folder that imports a file in another. */
const importing = (from: string, to: string): Record<string, string> => {
  const up = from === '.' ? './' : '../'.repeat(from.split('/').length);
  return { [path.posix.join(from, 'a.ts')]: `import '${up}${path.posix.join(to, 'b.ts')}';\n` };
};

const CLEAN = {
  'lib/core/a.ts': `export const at = (us: number) => new Date(us).toISOString();\n`,
  'lib/wire/a.ts': `import { at } from '../core/a.ts';\nexport const b = Buffer.from(at(0));\n`,
  'lib/book/a.ts': `/** Never Date.now(): time comes in. */\nimport type { X } from '../core/a.ts';\nexport const text = 'process.env';\nexport interface Y extends X { fetch: number; performance: string }\n`,
  'lib/orderflow/a.ts': `export const share = (process: string, { fetch }: { fetch: number }) => [process, fetch];\n`,
  'lib/render/a.ts': `export const context = (canvas: OffscreenCanvas) => canvas.getContext('2d');\n`,
  'lib/client/a.ts': `import { context } from '../render/a.ts';\nexport const make = () => [context, performance.now()];\n`,
  'lib/config/a.ts': `export const port = process.env.PORT;\n`,
  'lib/queue/a.ts': `import { Redis } from 'ioredis';\nexport const key = 'gehra:x';\nexport { Redis };\n`,
  'lib/services/a.ts': `import { rows } from '../../db/a.ts';\nexport { rows };\n`,
  'db/a.ts': `import pg from 'pg';\nexport const rows = [pg, 'SELECT 1 FROM gehra.ticks'];\n`,
  'app/page.tsx': `import './page.css';\nimport { rows } from '../lib/services/a.ts';\nexport default () => <p title="Select a day, or update it from the list">{rows.length}</p>;\n`,
  'workers/writer/main.ts': `import { rows } from '../../db/a.ts';\nexport { rows };\n`,
  'collectors/a.ts': `import { b } from '../lib/wire/a.ts';\nexport { b };\n`,
  'tests/a.ts': `import '../db/a.ts';\nprocess.env.X = '1';\n`,
  'lib/core/a.test.ts': `import '../../db/a.ts';\nimport '../../tests/a.ts';\nconsole.log(Date.now());\n`,
  'node_modules/x/a.ts': `import 'pg';\n`,
  'next-env.d.ts': `import './.next/types/routes.d.ts';\n`,
  'next.config.mjs': `import './app/page.tsx';\nexport default {};\n`,
};

describe('a tree that keeps the rule', () => {
  it('has no findings', () => {
    expect(findingsIn(CLEAN)).toEqual([]);
  });
});

describe('layers', () => {
  it('whatever the table does not allow is found, whatever it allows is not', () => {
    const checked = LAYERS.filter(({ kind }) => kind !== 'free');
    expect(checked.length).toBeGreaterThan(20);
    for (const from of checked) {
      for (const to of LAYERS) {
        const allowed = from === to || from.imports.includes(to.folder);
        const found = findingsIn(importing(from.folder, to.folder));
        const file = path.posix.join(from.folder, 'a.ts');
        const target = path.posix.join(to.folder, 'b.ts');
        expect(found).toEqual(allowed ? [] : [`${file}:1  imports ${target}`]);
        rmSync(path.join(root, file));
      }
    }
  });

  // The sentences that must stay true, said again without the table.
  it.each([
    ['lib/core', 'lib/book'],
    ['lib/book', 'lib/orderflow'],
    ['lib/orderflow', 'lib/signals'],
    ['lib/signals', 'lib/heatmap'],
    ['lib/book', 'lib/wire'],
    ['lib/heatmap', 'lib/obs'],
    ['lib/config', 'lib/obs'],
    ['lib/obs', 'lib/net'],
    ['lib/net', 'lib/queue'],
    ['lib/queue', 'lib/auth'],
    ['lib/auth', 'lib/services'],
    ['lib/queue', 'db'],
    ['lib/queue', 'lib/wire'],
    ['lib/services', 'lib/wire'],
    ['lib/render', 'lib/services'],
    ['lib/client', 'lib/queue'],
    ['db', 'lib/queue'],
    ['collectors', 'db'],
    ['collectors/kite', 'db'],
    ['collectors', 'lib/services'],
    ['workers/signals', 'lib/wire'],
    ['workers/writer', 'workers/jobs'],
    ['app', 'db'],
    ['app/api/orderflow', 'lib/wire'],
    ['components', 'db'],
    ['components', 'lib/services'],
    ['simulator', 'lib/queue'],
    ['simulator', 'db'],
    ['simulator', 'collectors'],
    ['scripts', 'app'],
    ['.', 'db'],
    ['lib/core', 'tests'],
    ['scripts', 'bench'],
  ])('%s does not import %s', (from, to) => {
    expect(findingsIn(importing(from, to))).toHaveLength(1);
  });

  it.each([
    ['collectors', 'lib/wire'],
    ['simulator', 'lib/wire'],
    ['workers/writer', 'db'],
    ['workers/jobs', 'db'],
    ['lib/services', 'db'],
    ['scripts', 'db'],
    ['app', 'lib/services'],
    ['app', 'components'],
    ['components', 'lib/client'],
    ['lib/heatmap', 'lib/book'],
  ])('%s may import %s', (from, to) => {
    expect(findingsIn(importing(from, to))).toEqual([]);
  });

  it('a folder that the table does not have is found', () => {
    expect(findingsIn({ 'lib/helpers/a.ts': '', 'other/a.ts': '' })).toEqual([
      'lib/helpers/a.ts:0  lib/helpers is in no layer',
      'other/a.ts:0  other is in no layer',
    ]);
  });

  it('an import of a folder that the table does not have is found', () => {
    expect(findingsIn({ 'app/a.ts': `import '../other/b.ts';` })).toEqual(['app/a.ts:1  imports other/b.ts']);
  });
});

const DB = '../../db/b.ts';

describe('breaches', () => {
  it.each<[string, string, string, string]>([
    ['an import', 'lib/core/a.ts', `\nimport { x } from '${DB}';`, '2  imports db/b.ts'],
    ['an import of a type', 'lib/core/a.ts', `import type { X } from '${DB}';`, '1  imports db/b.ts'],
    ['an import of nothing', 'lib/core/a.ts', `import '${DB}';`, '1  imports db/b.ts'],
    ['an export from', 'lib/core/a.ts', `export { x } from '${DB}';`, '1  imports db/b.ts'],
    ['an export of all', 'lib/core/a.ts', `export * from '${DB}';`, '1  imports db/b.ts'],
    ['an import() of it', 'lib/core/a.ts', `export const x = () => import('${DB}');`, '1  imports db/b.ts'],
    ['the same in backticks', 'lib/core/a.ts', `export const x = () => import(\`${DB}\`);`, '1  imports db/b.ts'],
    ['an import type', 'lib/core/a.ts', `export let x: import('${DB}').X;`, '1  imports db/b.ts'],
    ['a require', 'lib/core/a.ts', `const x = require('${DB}');`, '1  imports db/b.ts'],
    ['an import of a require', 'lib/core/a.ts', `import x = require('${DB}');`, '1  imports db/b.ts'],
    ['a worker’s URL', 'app/w/a.ts', `new Worker(new URL('${DB}', import.meta.url));`, '1  imports db/b.ts'],
    ['an import() of a variable', 'app/a.ts', 'import(name);', '1  imports a path put together at run time'],
    ['an import of a test', 'app/a.ts', `import './b.test.ts';`, '1  imports app/b.test.ts'],

    ['ioredis elsewhere', 'collectors/a.ts', `import type { Redis } from 'ioredis';`, '1  imports ioredis'],
    ['bullmq elsewhere', 'workers/jobs/a.ts', `import { Worker } from 'bullmq';`, '1  imports bullmq'],
    ['a part of bullmq elsewhere', 'app/a.ts', `import 'bullmq/dist/x.js';`, '1  imports bullmq'],
    ['pg in app', 'app/a.ts', `import pg from 'pg';`, '1  imports pg'],
    ['pg in components', 'components/a.tsx', `import pg from 'pg';`, '1  imports pg'],
    ['pg in a collector', 'collectors/a.ts', `import { from } from 'pg-copy-streams';`, '1  imports pg-copy-streams'],

    ['node: in a pure folder', 'lib/heatmap/a.ts', `import { readFileSync } from 'node:fs';`, '1  imports node:fs'],
    ['the same without node:', 'lib/wire/a.ts', `import fs from 'fs/promises';`, '1  imports fs/promises'],
    ['node: in a browser folder', 'lib/render/a.ts', `import 'node:path';`, '1  imports node:path'],
    ['node: in a client', 'lib/client/a.ts', `import 'node:events';`, '1  imports node:events'],
    ['node: in a component', 'components/a.tsx', `import 'node:path';`, '1  imports node:path'],
    ['a package in a pure folder', 'lib/signals/a.ts', `import { z } from 'zod';`, '1  imports zod'],
    ['a scoped one', 'lib/signals/a.ts', `import '@scope/name/part';`, '1  imports @scope/name'],

    ['Date.now', 'lib/signals/a.ts', 'const t = Date.now();', '1  Date.now'],
    ['Date.now, handed on', 'lib/signals/a.ts', 'const clock = Date.now;', '1  Date.now'],
    ["Date['now']", 'lib/signals/a.ts', "const t = Date['now']();", '1  Date.now'],
    ['new Date()', 'lib/signals/a.ts', 'const t = new Date();', '1  new Date()'],
    ['Date()', 'lib/signals/a.ts', 'const t = Date();', '1  Date()'],
    ['performance.now', 'lib/wire/a.ts', 'const t = performance.now();', '1  performance'],
    ['Math.random', 'lib/core/a.ts', 'const x = Math.random();', '1  Math.random'],
    ['process', 'lib/core/a.ts', 'const x = process.hrtime();', '1  process'],
    ['globalThis.process', 'lib/core/a.ts', 'const x = globalThis.process;', '1  globalThis.process'],
    ['setTimeout', 'lib/book/a.ts', 'setTimeout(() => {}, 1);', '1  setTimeout'],
    ['setInterval', 'lib/book/a.ts', 'setInterval(() => {}, 1);', '1  setInterval'],
    ['fetch', 'lib/heatmap/a.ts', "const x = [fetch('/x')];", '1  fetch'],
    ['fetch as a default', 'lib/heatmap/a.ts', 'const x = { get: fetch };', '1  fetch'],
    ['console', 'lib/orderflow/a.ts', 'const f = () => console.log(1);', '1  console'],
    ['crypto', 'lib/orderflow/a.ts', 'const id = crypto.randomUUID();', '1  crypto'],

    ['process.env', 'collectors/a.ts', 'const x = process.env.X;', '1  reads process.env'],
    ["process['env']", 'scripts/a.ts', "const x = process['env'];", '1  reads process.env'],
    ['env of process', 'app/a.ts', 'const { env } = process;', '1  reads process.env'],
    ['globalThis.process.env', 'app/a.ts', 'const x = globalThis.process.env;', '1  reads process.env'],
    ['process by import', 'db/a.ts', `import { env } from 'node:process';`, '1  imports node:process'],

    ['a canvas context', 'components/a.tsx', "canvas.getContext('2d');", '1  getContext'],
    ['one, by a text', 'lib/client/a.ts', "canvas['getContext']('2d');", '1  a canvas: getContext'],
    ['its type', 'components/a.tsx', 'let c: CanvasRenderingContext2D;', '1  CanvasRenderingContext2D'],
    ['an offscreen canvas', 'app/a.ts', 'new OffscreenCanvas(1, 1);', '1  OffscreenCanvas'],

    ['SQL', 'app/a.ts', "const q = 'SELECT price FROM ticks';", '1  SQL: SELECT price FROM ticks'],
    [
      'SQL in small letters',
      'app/a.ts',
      "q('select price from ticks where id = $1');",
      '1  SQL: select price from ticks where id = $1',
    ],
    ['SQL in a template', 'components/a.tsx', `q(\`DELETE FROM \${table}\`);`, '1  SQL: DELETE FROM ?'],
    ['an update', 'app/a.ts', "q('update ticks set price = 1');", '1  SQL: update ticks set price = 1'],
    ['our schema', 'app/a.ts', "q('... from gehra.ticks');", '1  SQL: ... from gehra.ticks'],

    ['a Redis key', 'workers/writer/a.ts', "const k = 'gehra:positions';", '1  a Redis key: gehra:positions'],
    [
      'one that is put together',
      'collectors/a.ts',
      `const k = \`gehra:feed:\${name}\`;`,
      '1  a Redis key: gehra:feed:?',
    ],

    ['a file that is no TypeScript', 'app/a.ts', 'const = ;', '0  cannot be parsed: Unexpected token'],
  ])('%s', (_, file, text, finding) => {
    expect(findingsIn({ [file]: text })).toEqual([`${file}:${finding}`]);
  });

  it('come in the order of files and lines', () => {
    expect(findingsIn({ 'app/b.ts': `\nimport 'pg';\nimport 'ioredis';`, 'app/a.ts': `import '../db/x.ts';` })).toEqual(
      ['app/a.ts:1  imports db/x.ts', 'app/b.ts:2  imports pg', 'app/b.ts:3  imports ioredis'],
    );
  });
});

describe('the command', () => {
  const run = (folder: string) =>
    promisify(execFile)(process.execPath, ['--import', 'tsx', 'scripts/check-imports.ts', folder], {
      cwd: path.resolve(import.meta.dirname, '..'),
    });

  it('says in one line that all is well', async () => {
    plant(CLEAN);
    const { stdout } = await run(root);
    expect(stdout).toBe('imports: every file keeps to its layer\n');
  });

  it('lists findings with their reasons and exits with 1', async () => {
    plant({ ...CLEAN, 'collectors/b.ts': `\nimport '../db/a.ts';\n` });
    await expect(run(root)).rejects.toMatchObject({
      code: 1,
      stdout: expect.stringMatching(
        /^collectors\/b\.ts:2 {2}imports db\/a\.ts {2}collectors may import lib\/core, .*\n$/,
      ),
    });
  });
});
