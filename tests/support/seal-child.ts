/** Seals a journal and says a line at each change of the day's folders: for a test that kills it in between. */
import { readdirSync, watch } from 'node:fs';
import path from 'node:path';
import pino from 'pino';
import { feedById } from '../../lib/core/feeds.ts';
import { sealJournal } from '../../lib/journal/seal.ts';

const [dir, nowUs] = process.argv.slice(2) as [string, string];
const folder = path.join(dir, feedById(31).name);
const say = (what: string): void => {
  process.stdout.write(`${what}\n`);
};
for (const day of readdirSync(folder)) watch(path.join(folder, day), (event, name) => say(`${event} ${name}`));
say('begun');
await sealJournal(
  dir,
  { day: null, feed: null, dryRun: false, newest: false },
  Number(nowUs),
  pino({ level: 'silent' }),
);
process.exit(0);
