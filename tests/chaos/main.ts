/** The program behind `./gehra chaos`. */
import { parseArgs } from 'node:util';
import { Steps } from '../../scripts/terminal/steps.ts';
import { reportTable, writeReport } from './report.ts';
import { runChaos } from './run.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    minutes: { type: 'string', default: '15' },
    writers: { type: 'string', default: '1' },
    write: { type: 'boolean', default: false },
  },
});
const steps = new Steps();
const options = { seed: Number(values.seed), minutes: Number(values.minutes), writers: Number(values.writers) };
const result = await runChaos(options, steps);
for (const line of reportTable(result)) steps.line(line);
const { verdict, wrong, struck, planned, digest } = result;
if (wrong.length === 0) {
  if (values.write) writeReport(result);
  steps.line(
    `${struck.length} of ${planned} faults, digest ${digest}: ${verdict.sent} frames sent, ${verdict.stored} stored, ${verdict.lost} within gaps; ${verdict.bars} bars made again; of ${verdict.signals.stored} signals ${verdict.signals.sharedNames} found again among ${verdict.signals.again}`,
  );
} else {
  for (const one of wrong) steps.line(`WRONG ${one}`);
  process.exitCode = 1;
}
