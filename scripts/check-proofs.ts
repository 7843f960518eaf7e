/**
 * Checks that every test named in docs/GUARANTEES.md and docs/RELIABILITY.md is there and runs (see checks/proofs.ts), here or in
 * another folder:
 *
 *     npx tsx scripts/check-proofs.ts [folder]
 */
import path from 'node:path';
import { report } from './checks/finding.ts';
import { checkProofs } from './checks/proofs.ts';

const root = process.argv[2] ?? path.resolve(import.meta.dirname, '..');
report(checkProofs(root), 'proofs: every test that is named is there');
