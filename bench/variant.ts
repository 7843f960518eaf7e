/** Runs one variant once and prints its figures as one line of JSON: the process that run.ts starts afresh each time. */
import type { RunOptions } from './support/bench.ts';
import { benchesOf } from './support/benches.ts';

const [file, benchName, variantName, asked] = process.argv.slice(2) as [string, string, string, string];
const bench = (await benchesOf(file)).find(({ name }) => name === benchName);
const variant = bench?.variants.find(({ name }) => name === variantName);
if (!variant) throw new Error(`no variant ${variantName} of ${benchName} in ${file}`);
process.stdout.write(`${JSON.stringify(await variant.run(JSON.parse(asked) as RunOptions))}\n`);
