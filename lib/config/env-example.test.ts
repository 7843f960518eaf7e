import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { loadConfig, variables } from './config.ts';
import { packageRoot } from './root.ts';

const text = readFileSync(path.join(packageRoot, '.env.example'), 'utf8');
const lines = [...text.matchAll(/^# ([A-Z][A-Z0-9_]+)=(.*)$/gm)].map(([, name = '', value = '']) => ({ name, value }));

it('explains every variable once, and no other', () => {
  expect(lines.map(({ name }) => name).toSorted()).toEqual(Object.keys(variables).toSorted());
});

it.each(lines)('gives $name its default, or nothing', ({ name, value }) => {
  const { portIsGiven: _, ...asIs } = loadConfig({});
  const { portIsGiven: __, ...asWritten } = loadConfig({ [name]: value });
  expect(asWritten).toEqual(asIs);
});

it('has a sentence above every variable or the group it is in', () => {
  for (const paragraph of text.split(/\n\n+/).filter((part) => /^# [A-Z_0-9]+=/m.test(part))) {
    expect(paragraph.split('\n')[0]).toMatch(/^# \S.* \S/);
  }
});
