import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { LockHeldError, lockFolder } from './lock.ts';

it('is a file of its owner alone, whatever the umask, and holds one at a time', async () => {
  const dir = mkdtempSync(path.join(tmpdir(), 'gehra-lock-'));
  const before = process.umask(0);
  try {
    const unlock = await lockFolder(dir, 'kite', 0);
    expect(statSync(path.join(dir, 'kite.lock')).mode & 0o777).toBe(0o600);
    await expect(lockFolder(dir, 'kite', 0)).rejects.toThrow(LockHeldError);
    unlock();
    (await lockFolder(dir, 'kite', 5))();
  } finally {
    process.umask(before);
    rmSync(dir, { recursive: true });
  }
});
