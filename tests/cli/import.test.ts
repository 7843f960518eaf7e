/** The address of a predecessor's database is told to nobody: neither to who lists processes nor to who reads what was said. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { expect, inject, it } from 'vitest';
import { foreignEnvironment } from '../../lib/config/config.ts';
import { packageRoot } from '../../lib/config/root.ts';
import { LOOPBACK } from '../../scripts/instance/ports.ts';
import { toSpawn } from '../../scripts/supervise/environment.ts';
import { gehra } from '../support/gehra.ts';

const SECRET = 'a-password-like-no-other';

it('hides the address in the list of processes, and says what is wrong without its password', async () => {
  // Takes connections and never says anything: time to look.
  let asked: () => void = () => undefined;
  const isAsked = new Promise<void>((resolve) => {
    asked = resolve;
  });
  const server = createServer(() => asked());
  await new Promise<void>((resolve) => server.listen(0, LOOPBACK, resolve));
  const { port } = server.address() as { port: number };
  const child = spawn(
    path.join(packageRoot, 'gehra'),
    ['import', '--from', `postgres://reader:${SECRET}@${LOOPBACK}:${port}/tradingdb`],
    {
      cwd: packageRoot,
      env: toSpawn({ ...foreignEnvironment(), DATABASE_URL: inject('postgresUrl') }),
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += chunk));
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  await isAsked;
  const title = readFileSync(`/proc/${child.pid}/cmdline`, 'utf8');
  expect(title).toContain('gehra import');
  expect(title).not.toContain(SECRET);
  expect(await ended).toBe(1);
  server.close();
  expect(said).toContain(`${LOOPBACK}:${port}`);
  expect(said).not.toContain(SECRET);
});

it.each([
  [['--from', 'mysql://x/y'], /no address of a database/],
  [['--from', 'nonsense'], /no address of a database/],
])('refuses %j', async (args, words) => {
  const { code, stderr } = await gehra(['import', ...args], { env: { DATABASE_URL: inject('postgresUrl') } });
  expect(code).toBe(1);
  expect(stderr).toMatch(words);
});
