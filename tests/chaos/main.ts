/** The program behind `./gehra chaos`. */
import { parseArgs } from 'node:util';
import { Steps } from '../../scripts/terminal/steps.ts';
import { EXIT, UserError } from '../../scripts/user-error.ts';
import { reportTable, soakTable, writeReport, writeSoak } from './report.ts';
import { runChaos } from './run.ts';
import { soak } from './soak.ts';

const MINUTES = 15;
const LONG_MINUTES = 30;

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    minutes: { type: 'string' },
    long: { type: 'boolean', default: false },
    writers: { type: 'string', default: '1' },
    only: { type: 'string', default: '' },
    write: { type: 'boolean', default: false },
  },
});
const steps = new Steps();
const minutes = Number(values.minutes ?? (values.long ? LONG_MINUTES : MINUTES));
const options = { seed: Number(values.seed), minutes, writers: Number(values.writers) };
try {
  const { lines, wrong } = values.long ? await watchLoad() : await letFaultsLoose();
  for (const line of lines) steps.line(line);
  for (const one of wrong) steps.line(`WRONG ${one}`);
  if (wrong.length > 0) process.exitCode = EXIT.failed;
} catch (error) {
  if (!(error instanceof UserError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = error.exitCode;
}

async function letFaultsLoose(): Promise<{ lines: string[]; wrong: readonly string[] }> {
  const result = await runChaos({ ...options, only: values.only }, steps);
  const { verdict, wrong, struck, planned, digest } = result;
  const { sent, stored, lost, bars, signals } = verdict;
  if (values.write && wrong.length === 0) writeReport(result);
  const sum = `${struck.length} of ${planned} faults, digest ${digest}: ${sent} frames sent, ${stored} stored, ${lost} within gaps`;
  const again = `${bars} bars made again; of ${signals.stored} signals ${signals.sharedNames} found again among ${signals.again}`;
  return { lines: [...reportTable(result), `${sum}; ${again}`], wrong };
}

async function watchLoad(): Promise<{ lines: string[]; wrong: readonly string[] }> {
  const result = await soak(options, steps);
  if (values.write) writeSoak(result);
  return { lines: soakTable(result), wrong: result.wrong };
}
