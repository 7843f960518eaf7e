/** The simulated exchange as a process. */
import { run } from '../lib/obs/run.ts';
import { startExchange } from './exchange.ts';
import { OptionsError, parseOptions } from './options.ts';

/** EX_USAGE of sysexits.h. */
const EXIT_USAGE = 64;

await run('simulator', async ({ log, onStop }) => {
  const options = readOptions();
  const exchange = await startExchange(options, log);
  onStop(() => exchange.stop());
  log.info({ event: 'simulator_listening', address: exchange.address, market: exchange.market.name });
  return exchange.address;
});

function readOptions(): ReturnType<typeof parseOptions> {
  try {
    return parseOptions(process.argv.slice(2));
  } catch (error) {
    if (!(error instanceof OptionsError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(EXIT_USAGE);
  }
}
