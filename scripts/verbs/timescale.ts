/** `./gehra timescale`: a real TimescaleDB to try things on, until Ctrl-C. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { freePort } from '../instance/ports.ts';
import { prepareTimescale } from '../services/timescale.ts';
import { Supervised } from '../supervise/supervised.ts';
import { Steps } from '../terminal/steps.ts';

export async function timescale(): Promise<void> {
  const steps = new Steps();
  const logDir = mkdtempSync(path.join(tmpdir(), 'gehra-timescale-'));
  const server = await steps.step('preparing TimescaleDB', async () => prepareTimescale(await freePort()));
  const child = new Supervised(server.spec, path.join(logDir, 'timescaledb.log'), {
    onNote: (text) => steps.line(text),
    onChange: () => undefined,
  });
  try {
    await steps.step('starting TimescaleDB', () => child.start());
    steps.line(`ready ${server.url}`);
    await new Promise((resolve) => {
      process.once('SIGINT', resolve);
      process.once('SIGTERM', resolve);
    });
    await steps.step('stopping TimescaleDB', () => child.stop());
  } finally {
    server.remove();
    rmSync(logDir, { recursive: true });
  }
}
