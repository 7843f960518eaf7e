import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkDocs } from './checks/docs.ts';

let root = '';
beforeEach(() => {
  root = mkdtempSync(path.join(os.tmpdir(), 'gehra-docs-'));
  for (const file of ['lib/core/side.ts', 'lib/wire/kite.ts', 'app/live/[instrument]/page.tsx', 'docs/picture.png']) {
    plant(file, '');
  }
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

function plant(file: string, text: string): void {
  mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
  writeFileSync(path.join(root, file), text);
}

const findings = (): string[] => checkDocs(root).map(({ file, line, what }) => `${file}:${line}  ${what}`);

describe('checkDocs', () => {
  it.each([
    'Read `lib/core/side.ts`, then lib/wire/kite.ts.',
    'Folders: lib/, `lib/core`, lib/core/ (and lib/wire/kite.ts).',
    'All of lib/*/kite.ts, lib/{core,wire}, ./lib/core/*.ts',
    'The page app/live/[instrument]/page.tsx',
    '![a picture](docs/picture.png) and [a link](lib/core/side.ts#L3)',
    'https://example.org/docs/none.md, [elsewhere](https://example.org/lib/none.ts), [below](#heading)',
    'node_modules/lib/none.ts, my-lib/none.ts, the word library/none',
  ])('says nothing of %s', (text) => {
    plant('README.md', text);
    expect(findings()).toEqual([]);
  });

  it.each([
    ['Read `lib/core/none.ts`.', 'lib/core/none.ts'],
    ['In prose: lib/none.', 'lib/none'],
    ['(lib/core/none.ts)', 'lib/core/none.ts'],
    ['lib/{core,none}/side.ts', 'lib/{core,none}/side.ts'],
    ['lib/*/none.ts', 'lib/*/none.ts'],
    ['none of lib/none/*', 'lib/none/*'],
    ['[gone](gone.md)', 'gone.md'],
    ['npx tsx tests/long/none.ts --frames 7', 'tests/long/none.ts'],
  ])('finds what is not there: %s', (text, name) => {
    plant('README.md', `# Title\n\n${text}\n`);
    expect(findings()).toEqual([`README.md:3  names ${name}`]);
  });

  it('reads documents beneath docs, from whose folder their links go out', () => {
    plant('docs/deep/NOTES.md', '[up](../picture.png)\n[gone](picture.png)\n');
    expect(findings()).toEqual(['docs/deep/NOTES.md:2  names docs/deep/picture.png']);
  });

  it('is content without any document', () => {
    expect(findings()).toEqual([]);
  });
});

describe('the command', () => {
  const run = () =>
    promisify(execFile)(process.execPath, ['--import', 'tsx', 'scripts/check-docs.ts', root], {
      cwd: path.resolve(import.meta.dirname, '..'),
    });

  it('says in one line that all is well', async () => {
    plant('README.md', 'lib/core/side.ts');
    expect((await run()).stdout).toBe('docs: every path and test that is named exists\n');
  });

  it('lists findings and exits with 1', async () => {
    plant('README.md', '\nlib/none.ts');
    await expect(run()).rejects.toMatchObject({
      code: 1,
      stdout: 'README.md:2  names lib/none.ts  there is no such file or folder\n',
    });
  });
});
