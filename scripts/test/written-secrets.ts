/**
 * Looks through everything that the stages of the tests have written (their own output, reports, logs of instances that were kept) for
 * secrets: for the password of this run's servers, which is like nothing else, and for what looks like a secret of anybody.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { secretsIn } from '../checks/secrets.ts';
import type { Result } from './result.ts';

const WRITTEN = /\.(?:log|json|txt|ndjson)$/;
/** Pages and requests of browser tests that failed: what a browser was sent, tokens of its session among it. */
const TRACES = /^e2e\//;

/** @param canary password of the servers of this run */
export function searchWritten(folder: string, canary: string): Result {
  const files = existsSync(folder)
    ? readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
        (file) => WRITTEN.test(file) && !TRACES.test(file),
      )
    : [];
  const found = files.flatMap((file) => {
    const text = readFileSync(path.join(folder, file), 'utf8');
    return [
      ...(text.includes(canary) ? [`${file} holds the password of a server`] : []),
      ...secretsIn(file, text).map(({ line, what, why }) => `${file}:${line} ${what} ${why}`),
    ];
  });
  if (found.length === 0) return { passed: 1, failures: [], unsteady: [], skipped: [] };
  return {
    passed: 0,
    failures: [{ name: 'secrets in what was written', message: found.join('\n') }],
    unsteady: [],
    skipped: [],
  };
}
