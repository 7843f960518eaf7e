/** Finds the pages of the app by the files that make them (Next.js: page, not-found, error and their global kin). */
import { readdirSync } from 'node:fs';
import path from 'node:path';

const MAKES_A_PAGE =
  /^(page|not-found|error|global-not-found|global-error|forbidden|unauthorized)\.(tsx|ts|jsx|js|mdx)$/;

/** Files below `root`/app that make pages, as paths within `root`, with forward slashes. */
export function appPages(root: string): string[] {
  return readdirSync(path.join(root, 'app'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && MAKES_A_PAGE.test(entry.name))
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)).split(path.sep).join('/'))
    .sort();
}

/** Pages without a row in the table, and rows without a page. */
export function unmatched(
  pages: readonly string[],
  rows: readonly { readonly file: string }[],
): { readonly untested: string[]; readonly gone: string[] } {
  const listed = rows.map(({ file }) => file);
  return {
    untested: pages.filter((page) => !listed.includes(page)),
    gone: listed.filter((file) => !pages.includes(file)),
  };
}
