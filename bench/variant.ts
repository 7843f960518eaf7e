/** Runs one variant once and prints its figures as one line of JSON: the process that run.ts starts afresh each time. */
import { benchesOf } from './support/benches.ts';

const [file, benchName, variantName] = process.argv.slice(2) as [string, string, string];
const bench = (await benchesOf(file)).find(({ name }) => name === benchName);
const variant = bench?.variants.find(({ name }) => name === variantName);
if (!variant) throw new Error(`no variant ${variantName} of ${benchName} in ${file}`);
process.stdout.write(`${JSON.stringify(await variant.run())}\n`);
