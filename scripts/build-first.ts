/** Builds, unless that is done, before Node runs what it was asked to: `node --import ./scripts/build-first.ts dist/current/...`. */
import { build } from './build/build.ts';

await build((text) => process.stdout.write(`${text}\n`), new AbortController().signal);
