import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { packageRoot } from '../../lib/config/root.ts';
import { FAULTS } from './faults.ts';

const names = new Set(FAULTS.map(({ name }) => name));

it('names each fault once', () => {
  expect(names.size).toBe(FAULTS.length);
});

it('every fault that a document names is in the table', () => {
  const documents = ['docs/GUARANTEES.md', 'docs/RELIABILITY.md'].map((file) => path.join(packageRoot, file));
  const named = documents
    .filter((file) => existsSync(file))
    .flatMap((file) => [...readFileSync(file, 'utf8').matchAll(/`chaos: ([^`]+)`/g)].map(([, name]) => name as string));
  expect(named.length).toBeGreaterThan(0);
  expect(named.filter((name) => !names.has(name))).toEqual([]);
});
