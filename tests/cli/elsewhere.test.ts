/** Where a checkout lies, whose it is, and what its disk has left. Root only: it takes root to become somebody else. */
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { processesIn } from '../../scripts/instance/process-id.ts';
import { readState } from '../../scripts/instance/state.ts';
import { copyCheckout } from '../support/checkout-copy.ts';
import { gehra } from '../support/gehra.ts';

const isRoot = process.getuid?.() === 0;
const NOBODY = 65_534;
/** Redis is fetched, packages are linked, a cold build may be part of it. */
const TIMEOUT_MS = 300_000;

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'gehra elsewhere-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

describe.skipIf(!isRoot)('a checkout (skipped unless root)', () => {
  beforeAll(async () => {
    expect((await gehra(['build'])).code).toBe(0);
  }, TIMEOUT_MS);

  it(
    'of root, in a folder that only root can enter, keeps its database where PostgreSQL can reach it',
    async () => {
      // As /root is.
      chmodSync(dir, 0o700);
      const root = path.join(dir, 'a clone');
      mkdirSync(root);
      copyCheckout(root);
      const { code, stdout, stderr } = await gehra(['up', '--detach', '--port', '0'], { root, cwd: '/' });
      expect(stderr).toBe('');
      expect(stdout).toMatch(/^ready http/m);
      expect(code).toBe(0);

      const data = path.join(root, 'data');
      const home = readFileSync(path.join(data, 'postgres-is-in'), 'utf8').trim();
      expect(home).toMatch(/^\/var\/lib\/gehra\/data-/);
      expect(readFileSync(path.join(home, 'data-folder'), 'utf8').trim()).toBe(data);
      expect(statSync(path.join(home, 'postgres')).mode & 0o777).toBe(0o700);
      expect(existsSync(path.join(data, 'postgres'))).toBe(false);
      expect((await gehra(['doctor'], { root })).stdout).toContain(`an instance runs in it`);

      expect((await gehra(['down'], { root })).code).toBe(0);
      expect(processesIn(path.join(home, 'postgres'))).toEqual([]);
      rmSync(data, { recursive: true });
      // The database of a data folder that was removed is left, and told.
      expect((await gehra(['doctor'], { root })).stdout).toContain(`sudo rm -rf ${home}`);
      rmSync(home, { recursive: true });
    },
    TIMEOUT_MS,
  );

  it(
    'of root is run by an ordinary user, who may not change it, as that user alone, with a Redis of his own',
    async () => {
      chmodSync(dir, 0o755);
      const root = path.join(dir, 'clone');
      const home = path.join(dir, 'home');
      mkdirSync(root);
      mkdirSync(home);
      copyCheckout(root);
      // As ./gehra install leaves it: what was built is there.
      chmodSync(path.join(root, 'dist'), 0o755);
      mkdirSync(path.join(root, 'data'));
      execFileSync('chown', ['-hR', `${NOBODY}:${NOBODY}`, home, path.join(root, 'data')]);
      const asNobody = { root, uid: NOBODY, env: { HOME: home, PATH: '/usr/bin:/bin' } };
      const { code, stdout, stderr } = await gehra(['up', '--detach', '--port', '0'], asNobody);
      expect(stderr).toBe('');
      expect(stdout).toMatch(/^ready http/m);
      expect(code).toBe(0);
      for (const { name, id } of readState(path.join(root, 'data'))?.processes ?? []) {
        expect(id && statSync(`/proc/${id.pid}`).uid, name).toBe(NOBODY);
      }
      expect(existsSync(path.join(home, '.cache/gehra/redis/usr/bin/redis-server'))).toBe(true);
      // Its feeds connect within a moment.
      await vi.waitFor(
        async () => {
          const doctor = await gehra(['doctor'], asNobody);
          expect(doctor.stdout).toContain('What runs is in no trouble.');
          expect(doctor.code).toBe(0);
          expect(doctor.stdout).toContain('TimescaleDB, for the tests only, needs root');
        },
        { timeout: 60_000, interval: 1000 },
      );
      expect((await gehra(['down'], asNobody)).code).toBe(0);
    },
    TIMEOUT_MS,
  );

  it(
    'whose data folder an ordinary user may not write says so',
    async () => {
      chmodSync(dir, 0o755);
      const root = path.join(dir, 'clone');
      const data = path.join(dir, 'not yours');
      mkdirSync(root);
      mkdirSync(data, { mode: 0o755 });
      copyCheckout(root);
      const asNobody = { root, uid: NOBODY };
      const { code, stderr } = await gehra(['up', '--data', data], asNobody);
      expect(code).toBe(1);
      expect(stderr).toMatch(
        /^The data folder .*not yours cannot be used \(EACCES\)\. .* sudo chown -R "\$\(id -un\)" '.*not yours'\.\n$/,
      );
      expect((await gehra(['doctor', '--data', data], asNobody)).stdout).toMatch(/^missing +data folder .*not yours/m);
    },
    TIMEOUT_MS,
  );

  it('on a full disk says how much is missing', async () => {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=16m', 'tmpfs', dir]);
    try {
      const { code, stderr } = await gehra(['up', '--data', path.join(dir, 'data')]);
      expect(code).toBe(1);
      expect(stderr).toMatch(
        /has 1\d MiB left, and Gehra needs at least 300 MiB to start\. Make room, or choose another disk/,
      );
    } finally {
      execFileSync('umount', [dir]);
    }
  });
});
