/** A page without a spec does not pass: each has a row in the page table. */
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from '@playwright/test';
import { packageRoot } from '../../../lib/config/root.ts';
import { PAGES } from '../pages/pages.ts';
import { appPages, unmatched } from '../support/app-pages.ts';

test('every page of the app is in the page table, and nothing else is', () => {
  expect(unmatched(appPages(packageRoot), PAGES)).toEqual({ untested: [], gone: [] });
});

test('a planted page is found missing, and so is a row whose page has gone', () => {
  // Outside of the checkout, whose own checks would find it.
  const root = mkdtempSync(path.join(tmpdir(), 'gehra-pages-'));
  cpSync(path.join(packageRoot, 'app'), path.join(root, 'app'), { recursive: true });
  const planted = ['app/(account)/profile/page.tsx', 'app/live/[instrument]/ladder/error.tsx', 'app/tape/page.tsx'];
  for (const file of planted) {
    mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    writeFileSync(path.join(root, file), 'export default function Planted() { return null }\n');
  }
  // Not every file of a folder makes a page.
  writeFileSync(path.join(root, 'app/tape/tape-rows.tsx'), '');
  expect(unmatched(appPages(root), [...PAGES, { file: 'app/gone/page.tsx' }])).toEqual({
    untested: planted,
    gone: ['app/gone/page.tsx'],
  });
  rmSync(root, { recursive: true });
});
