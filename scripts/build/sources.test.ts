import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { hashSources, type SourceHashes } from './sources.ts';

let root: string;
let before: SourceHashes;

const write = (file: string, text: string): void => {
  mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
  writeFileSync(path.join(root, file), text);
};

beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'gehra-sources-'));
  write('app/page.tsx', 'page');
  write('collectors/kite/main.ts', 'kite');
  write('package-lock.json', 'lock');
  before = hashSources(root);
});
afterEach(() => rmSync(root, { recursive: true }));

it('is the same for the same sources', () => {
  expect(hashSources(root)).toEqual(before);
});

it('leaves the web app as it is when only a process has changed', () => {
  write('collectors/kite/main.ts', 'other');
  const { web, all } = hashSources(root);
  expect(web).toBe(before.web);
  expect(all).not.toBe(before.all);
});

it.each([
  ['a changed file', () => write('app/page.tsx', 'other')],
  ['a new file', () => write('app/new.tsx', '')],
  ['a renamed file', () => renameSync(path.join(root, 'app/page.tsx'), path.join(root, 'app/other.tsx'))],
  ['a removed file', () => rmSync(path.join(root, 'app/page.tsx'))],
  ['another lock', () => write('package-lock.json', 'other')],
])('changes with %s', (_what, change) => {
  change();
  expect(hashSources(root).web).not.toBe(before.web);
  expect(hashSources(root).all).not.toBe(before.all);
});

it('does not change with a test, or with what is not built', () => {
  write('app/page.test.ts', 'test');
  write('docs/README.md', 'text');
  expect(hashSources(root)).toEqual(before);
});
