import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { packageRoot } from '../config/root.ts';
import { EXPORT_KIND_NAMES } from '../core/exports.ts';
import { COLUMNS_OF_KIND } from './columns.ts';

const text = readFileSync(path.join(packageRoot, 'docs/EXPORTS.md'), 'utf8');
const TITLES: Readonly<Record<string, string>> = { hftbacktest: '## Events for hftbacktest' };

it.each(EXPORT_KIND_NAMES)(
  'docs/EXPORTS.md explains the columns of %s, each once and in words of its own section',
  (kind) => {
    const title = TITLES[kind] ?? `### ${kind}`;
    const [section = ''] = (text.split(`${title}\n`)[1] ?? '').split(/^##/m);
    const named = [...section.matchAll(/`([a-z_]+)`/g)].map(([, name]) => name);
    for (const { name } of COLUMNS_OF_KIND[kind]) expect(named, `${kind}.${name}`).toContain(name);
    const table = section.split('\n').filter((line) => /^\| `/.test(line));
    const inTable = table.flatMap((line) =>
      [...(line.split('|')[1] ?? '').matchAll(/`([a-z_]+)`/g)].map(([, name]) => name),
    );
    if (table.length > 0) {
      expect(inTable.toSorted()).toEqual(COLUMNS_OF_KIND[kind].map(({ name }) => name).toSorted());
    }
  },
);

it('S79: no column of an export is free text: a spreadsheet finds no formula', () => {
  const texts = EXPORT_KIND_NAMES.flatMap((kind) =>
    COLUMNS_OF_KIND[kind].filter(({ type }) => type === 'text').map(({ name }) => name),
  );
  // In words of ours: bid and ask.
  expect(new Set(texts)).toEqual(new Set(['side']));
});
