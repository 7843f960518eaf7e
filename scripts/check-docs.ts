/**
 * Checks that paths and tests named in the documents exist (see checks/docs.ts), here or in another folder:
 *
 *     npx tsx scripts/check-docs.ts [folder]
 */
import path from 'node:path';
import { checkDocs } from './checks/docs.ts';
import { report } from './checks/finding.ts';

const root = process.argv[2] ?? path.resolve(import.meta.dirname, '..');
report(checkDocs(root), 'docs: every path and test that is named exists');
