import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { type ChildSpec, StartError, Supervised } from './supervised.ts';

/** Ready over IPC, ends on SIGTERM with a word, and tells its pid. */
const WELL_BEHAVED = `
  process.on('SIGTERM', () => { console.log('asked to stop'); process.exit(0); });
  setInterval(() => undefined, 1000);
  console.log('pid ' + process.pid);
  process.send({ event: 'ready' });
`;

let dir: string;
let notes: string[];
let children: Supervised[];

beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'gehra-supervised-'));
  notes = [];
  children = [];
});
afterEach(async () => {
  await Promise.all(children.map((child) => child.stop()));
  rmSync(dir, { recursive: true });
});

function supervise(script: string, spec: Partial<ChildSpec> = {}): Supervised {
  const child = new Supervised(
    {
      name: 'child',
      command: process.execPath,
      args: ['-e', script],
      cwd: dir,
      env: {},
      stopSignal: 'SIGTERM',
      ready: 'message',
      ...spec,
    },
    path.join(dir, 'child.log'),
    { onNote: (text) => notes.push(text), onChange: () => undefined },
  );
  children.push(child);
  return child;
}

const log = (): string => readFileSync(path.join(dir, 'child.log'), 'utf8');

it('starts it again when it is killed, and says so', async () => {
  const child = supervise(WELL_BEHAVED);
  await child.start();
  const first = child.pid as number;
  process.kill(first, 'SIGKILL');
  await vi.waitFor(() => expect(child.restarts).toBe(1));
  expect(child.pid).not.toBe(first);
  expect(notes).toEqual(['child ended (signal SIGKILL); starting it again in 0.25 s']);
});

it('waits twice as long after each death, and until what has to be prepared can be', async () => {
  const marker = path.join(dir, 'started-once');
  let preparations = 0;
  const child = supervise(
    `const fs = require('fs');
     if (fs.existsSync(${JSON.stringify(marker)})) process.exit(3);
     fs.writeFileSync(${JSON.stringify(marker)}, '');
     process.send({ event: 'ready' });
     setTimeout(() => process.exit(3), 50);`,
    {
      prepare: async () => {
        if (++preparations === 2) throw new Error('not yet');
      },
    },
  );
  await child.start();
  await vi.waitFor(() => expect(notes.length).toBeGreaterThanOrEqual(3), { timeout: 5000 });
  expect(notes.slice(0, 3)).toEqual([
    'child ended (exit code 3); starting it again in 0.25 s',
    'child cannot be started again yet: not yet',
    'child ended (exit code 3); starting it again in 1 s',
  ]);
});

it('stops it with its signal, keeps its last words, and leaves it stopped', async () => {
  const child = supervise(WELL_BEHAVED);
  await child.start();
  const pid = child.pid as number;
  await child.stop();
  expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  expect(log()).toContain('asked to stop');
  expect(notes).toEqual([]);
});

it('shows the last output of one that ends at its start', async () => {
  const child = supervise("console.error('the reason'); process.exit(78)");
  const error = await child.start().catch((reason) => reason);
  expect(error).toBeInstanceOf(StartError);
  expect(error.message).toBe('child ended at its start (exit code 78).\nthe reason');
});

it('says that a command cannot be run', async () => {
  const child = supervise('', { command: '/nowhere/at/all' });
  await expect(child.start()).rejects.toThrow(/exit code 127.*\n\/nowhere\/at\/all: .*ENOENT/);
});

it('can be stopped while it starts', async () => {
  const child = supervise('setInterval(() => undefined, 1000)');
  const started = child.start().catch((reason) => reason.message);
  await child.stop();
  expect(await started).toMatch(/^child was stopped while it started/);
});

it('takes a probe for its start where it cannot speak', async () => {
  const marker = path.join(dir, 'answering');
  const child = supervise(
    `setTimeout(() => require('fs').writeFileSync(${JSON.stringify(marker)}, ''), 30); setInterval(() => undefined, 1000)`,
    { ready: () => vi.waitFor(() => expect(existsSync(marker)).toBe(true)) },
  );
  await child.start();
  expect(existsSync(marker)).toBe(true);
});

it('keeps a Ctrl-C in the terminal away from it', async () => {
  const child = supervise(WELL_BEHAVED);
  await child.start();
  const group = Number(readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[2]);
  expect(group).toBe(child.pid);
});
