/**
 * Checks the layout and import rule of the repository (checks/import-rules.ts), or of another folder:
 *
 *     npx tsx scripts/check-imports.ts [folder]
 */
import path from 'node:path';
import { report } from './checks/finding.ts';
import { checkImports } from './checks/imports.ts';

const root = process.argv[2] ?? path.resolve(import.meta.dirname, '..');
report(checkImports(root), 'imports: every file keeps to its layer');
