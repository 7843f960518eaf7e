/** The web app of the sources as they are, for docker-compose.dev.yml: builds it where that is not done yet, and runs it. */
import path from 'node:path';
import { build, builtFile } from './build/build.ts';

const dir = await build((text) => process.stdout.write(`${text}\n`), new AbortController().signal);
await import(path.join(dir, builtFile('app/server.ts')));
