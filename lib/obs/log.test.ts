import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { expect, it } from 'vitest';
import { packageRoot } from '../config/root.ts';
import { withoutSecrets } from './log.ts';

it.each([
  [
    'connect to wss://ws.kite.trade/?api_key=abc&access_token=canary123 failed',
    'connect to wss://ws.kite.trade/?api_key=abc&access_token=[secret] failed',
  ],
  ['wss://full-depth-api.dhan.co/?token=canary&clientId=1', 'wss://full-depth-api.dhan.co/?token=[secret]&clientId=1'],
  ['?tokenId=canary', '?tokenId=[secret]'],
  ['{"authorization":"token key:canary"}', '{"authorization":"token key:[secret]"}'],
  ['Authorization: Bearer canary', 'Authorization: Bearer [secret]'],
  ['header eyJhbGciOiJIUzI1NiJ9.eyJjYW5hcnkiOjF9.canary is refused', 'header [secret] is refused'],
  ['the Kite token ended at 06:00', 'the Kite token ended at 06:00'],
  ['ECONNREFUSED 127.0.0.1:6379', 'ECONNREFUSED 127.0.0.1:6379'],
])('takes out what names or looks like a secret: %s', (text, expected) => {
  expect(withoutSecrets(text)).toBe(expected);
});

it.each([
  ['an uncaught exception', 'setImmediate(() => { throw error; });'],
  ['an unhandled rejection', 'void Promise.reject(error);'],
  ['a start that fails', 'throw error;'],
  ['an error behind an error', 'throw new Error("cannot connect", { cause: error });'],
])('S15: %s tells the log what happened, and no token', (_what, failing) => {
  const program = `
    import { run } from ${JSON.stringify(path.join(packageRoot, 'lib/obs/run.ts'))};
    await run('test', async () => {
      const error = new Error('wss://ws.kite.trade/?access_token=secretCanary failed');
      error.headers = { authorization: 'token key:secretCanary' };
      error.url = 'https://auth.dhan.co/?tokenId=secretCanary';
      ${failing}
    });`;
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ['--import', 'tsx', '--input-type=module', '-e', program],
    {
      cwd: packageRoot,
      encoding: 'utf8',
      env: { ...process.env, LOG_LEVEL: 'debug', NODE_NO_WARNINGS: '1' },
    },
  );
  expect(status).toBe(1);
  expect(stdout).toMatch(/"event":"process_(crashed|start_failed)"/);
  expect(stdout).toContain('ws.kite.trade');
  expect(stdout + stderr).not.toContain('secretCanary');
});

it('every line of a process is JSON with the same fields, of what libraries print too', () => {
  const program = `
    import { run } from ${JSON.stringify(path.join(packageRoot, 'lib/obs/run.ts'))};
    await run('test', async ({ log, stop }) => {
      console.log(' \\u001b[32m✓\\u001b[0m ready in %d ms', 5);
      console.error(new Error('?token=secretCanary'));
      log.info({ event: 'something_happened', count: 3 });
      setImmediate(() => stop(0));
      return undefined;
    });`;
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ['--import', 'tsx', '--input-type=module', '-e', program],
    { cwd: packageRoot, encoding: 'utf8', env: { ...process.env, LOG_LEVEL: 'info', NODE_NO_WARNINGS: '1' } },
  );
  expect([status, stderr]).toEqual([0, '']);
  const lines = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  for (const line of lines) {
    expect(line).toMatchObject({
      level: expect.stringMatching(/^(info|error)$/),
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      process: 'test',
      event: expect.stringMatching(/^[a-z_]+$/),
    });
  }
  const printed = lines.filter(({ event }) => event === 'console');
  expect(printed[0]).toMatchObject({ level: 'info', message: '✓ ready in 5 ms' });
  expect(printed[1]).toMatchObject({ level: 'error', message: expect.stringContaining('Error: ?token=[secret]') });
});
