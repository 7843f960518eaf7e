import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it, vi } from 'vitest';
import { identify, type ProcessId, processesIn, runs, signalProcess, waitUntilEnded } from './process-id.ts';

it('knows a process by its pid and its start', () => {
  const own = identify(process.pid) as ProcessId;
  expect(runs(own)).toBe(true);
  expect(runs({ ...own, start: '1' })).toBe(false);
  expect(identify(2 ** 22 + 1)).toBeUndefined();
});

it('finds processes by their working folder, and sees them end', async () => {
  const dir = realpathSync(mkdtempSync(path.join(tmpdir(), 'gehra-cwd-')));
  const child = spawn('sleep', ['60'], { cwd: dir });
  await once(child, 'spawn');
  const [id, ...others] = processesIn(dir);
  expect(others).toEqual([]);
  expect(id?.pid).toBe(child.pid);
  expect(await waitUntilEnded([id as ProcessId], 0)).toBe(false);
  signalProcess(id as ProcessId, 'SIGKILL');
  expect(await waitUntilEnded([id as ProcessId], 5000)).toBe(true);
  // Nobody is there to be signalled any more.
  signalProcess(id as ProcessId, 'SIGKILL');
  rmSync(dir, { recursive: true });
});

it('takes a zombie for one that has ended', async () => {
  // A shell that is replaced by sleep never asks after its child, which waits for that.
  const script = '{ until grep -q sleep /proc/$$/comm; do :; done; } & echo $!; exec sleep 60';
  const parent = spawn('/bin/sh', ['-c', script]);
  const [output] = await once(parent.stdout, 'data');
  const zombie = Number(String(output));
  await vi.waitFor(() => expect(identify(zombie)).toBeUndefined());
  expect(() => process.kill(zombie, 0)).not.toThrow();
  parent.kill('SIGKILL');
});
