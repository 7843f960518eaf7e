/**
 * The short form of `./gehra chaos`: an instance of its own, struck by a seed's schedule. The run itself checks I1 to I8 against the
 * exchange's ledger, the journal and the database, and fails where fewer faults ran than were planned.
 */
import { expect, it } from 'vitest';
import { gehra } from '../support/gehra.ts';

const SEED = 1;
const MINUTES = 2.5;
const FAULTS_MIN = 15;

it('a seeded run of faults loses nothing outside declared gaps', { timeout: 900_000 }, async () => {
  const { code, stdout, stderr } = await gehra(['chaos', '--seed', String(SEED), '--minutes', String(MINUTES)]);
  expect(code, `${stdout}\n${stderr}`).toBe(0);
  const said = /^(\d+) of (\d+) faults, digest \w+: (\d+) frames sent/m.exec(stdout)?.slice(1).map(Number);
  const [ran = 0, planned, sent] = said ?? [];
  expect(ran).toBe(planned);
  expect(ran).toBeGreaterThanOrEqual(FAULTS_MIN);
  // How many is a matter of the machine.
  expect(sent).toBeGreaterThan(1000);
});
