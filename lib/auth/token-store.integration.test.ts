import { type ChildProcess, execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { packageRoot } from '../config/root.ts';
import { tokenStateOf } from './token-state.ts';
import { removeToken, storeDhanToken, storeKiteToken, TokenStoreError } from './token-store.ts';
import { readDhanToken, readKiteToken } from './tokens.ts';

let dataDir: string;
let tokenDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(path.join(tmpdir(), 'gehra-store-'));
  tokenDir = path.join(dataDir, 'tokens');
});
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

const config = (group = false) => ({ dataDir, tokenDir, tokenGroupRead: group });
const kite = (accessToken: string, loginMs: number) => ({
  accessToken,
  loginMs,
  account: { userId: 'AB1234', userName: 'Asha' },
});
const dhan = (accessToken: string, generatedMs: number) => ({
  accessToken,
  clientId: '1000000001',
  clientName: 'ASHA',
  expiresMs: generatedMs + 86_400_000,
  generatedMs,
});
const modeOf = (...parts: string[]): number => statSync(path.join(tokenDir, ...parts)).mode & 0o777;
/** The lock's file is empty and stays. */
const names = (): string[] =>
  readdirSync(tokenDir)
    .filter((name) => name !== 'tokens.lock')
    .toSorted();

describe('files', () => {
  it("S17: are in the predecessor's formats, for their owner alone whatever the umask", async () => {
    const before = process.umask(0);
    try {
      await storeKiteToken(config(), kite('kiteToken', Date.now()));
      await storeDhanToken(config(), dhan('dhanToken', Date.UTC(2026, 10, 26, 3, 50)));
    } finally {
      process.umask(before);
    }
    expect(readFileSync(path.join(tokenDir, 'access_token.txt'), 'utf8')).toBe('kiteToken');
    expect(JSON.parse(readFileSync(path.join(tokenDir, 'dhan_token.json'), 'utf8'))).toEqual({
      access_token: 'dhanToken',
      expiry: '2026-11-27T09:20:00.000',
      client_id: '1000000001',
      generated_at: '2026-11-26T09:20:00.000',
      client_name: 'ASHA',
    });
    expect(names()).toEqual(['access_token.txt', 'dhan_token.json', 'kite_account.json']);
    expect(modeOf()).toBe(0o700);
    for (const name of names()) expect(modeOf(name), name).toBe(0o600);
  });

  it('are for their group too where that is asked for', async () => {
    await storeKiteToken(config(true), kite('kiteToken', Date.now()));
    expect([modeOf(), modeOf('access_token.txt')]).toEqual([0o750, 0o640]);
  });

  it('never give way to an older token', async () => {
    expect(await storeKiteToken(config(), kite('new', 2_000_000))).toBe(true);
    expect(await storeKiteToken(config(), kite('old', 1_000_000))).toBe(false);
    expect(readKiteToken(tokenDir)).toMatchObject({ token: { accessToken: 'new', writtenMs: 2_000_000 } });
    expect(await storeDhanToken(config(), dhan('new', 2_000_000))).toBe(true);
    expect(await storeDhanToken(config(), dhan('old', 1_000_000))).toBe(false);
    expect(readDhanToken(tokenDir)).toMatchObject({ token: { accessToken: 'new' } });
  });

  it('give way to a login where they are said to be of a time to come', async () => {
    const future = Date.now() + 400 * 86_400_000;
    await storeKiteToken(config(), kite('future', future));
    await storeDhanToken(config(), dhan('future', future));
    expect(await storeKiteToken(config(), kite('new', Date.now()))).toBe(true);
    expect(await storeDhanToken(config(), dhan('new', Date.now()))).toBe(true);
    expect(readKiteToken(tokenDir)).toMatchObject({ token: { accessToken: 'new' } });
    expect(readDhanToken(tokenDir)).toMatchObject({ token: { accessToken: 'new' } });
  });

  it('are taken away with the account that they were of', async () => {
    await storeKiteToken(config(), kite('kiteToken', 1_000_000));
    await removeToken(config(), 'kite');
    await removeToken(config(), 'dhan');
    expect(names()).toEqual([]);
  });

  it('that hold no token are kept aside', async () => {
    await storeKiteToken(config(), kite('kiteToken', 1));
    for (const name of ['access_token.txt', 'dhan_token.json']) writeFileSync(path.join(tokenDir, name), '{"half": ');
    await storeKiteToken(config(), kite('fresh', Date.UTC(2026, 10, 26, 3, 50)));
    await storeDhanToken(config(), dhan('fresh', Date.UTC(2026, 10, 26, 3, 50)));
    expect(readKiteToken(tokenDir)).toMatchObject({ token: { accessToken: 'fresh' } });
    expect(readDhanToken(tokenDir)).toMatchObject({ token: { accessToken: 'fresh' } });
    for (const name of ['access_token.txt', 'dhan_token.json']) {
      const aside = `${name}.damaged-2026-11-26T092000`;
      expect(readFileSync(path.join(tokenDir, aside), 'utf8')).toBe('{"half": ');
      expect(modeOf(aside)).toBe(0o600);
    }
  });
});

/** A process that writes tokens, one after the other, and says each number before it begins with it. */
const WRITER = `
  import { storeDhanToken, storeKiteToken } from '${packageRoot}/lib/auth/token-store.ts';
  const [dataDir, tokenDir, from, step, count] = process.argv.slice(2);
  const config = { dataDir, tokenDir, tokenGroupRead: false };
  for (let i = 0; i < Number(count); i += 1) {
    const n = Number(from) + i * Number(step);
    const body = 'T'.repeat(600);
    await storeKiteToken(config, { accessToken: 'kite' + body + n, account: null, loginMs: 1_000_000_000 + n * 10 });
    await storeDhanToken(config, { accessToken: 'dhan' + body + n, clientId: '1', clientName: null, expiresMs: 2e12, generatedMs: 1 });
    process.send?.(n);
  }
`;

function startWriter(from: number, step: number, count: number) {
  const script = path.join(dataDir, 'writer.mts');
  writeFileSync(script, WRITER);
  return fork(script, [dataDir, tokenDir, ...[from, step, count].map(String)], {
    execArgv: ['--import', 'tsx'],
    cwd: packageRoot,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
}

const endedEarly = async (writer: ChildProcess): Promise<never> => {
  await once(writer, 'exit');
  throw new Error(`the writer ended by itself with ${writer.exitCode}`);
};

/** Both files as they are now: each whole, or not there yet. */
function expectWhole(): void {
  const kiteAnswer = readKiteToken(tokenDir);
  if ('token' in kiteAnswer) expect(kiteAnswer.token.accessToken).toMatch(/^kiteT{600}\d+$/);
  else expect(kiteAnswer.damaged).toBe(false);
  const dhanAnswer = readDhanToken(tokenDir);
  if ('token' in dhanAnswer) expect(dhanAnswer.token.accessToken).toMatch(/^dhanT{600}\d+$/);
  else expect(dhanAnswer.damaged).toBe(false);
}

it('T4: stay whole while two processes write a thousand times, and the newest wins', { timeout: 300_000 }, async () => {
  const writers = [startWriter(0, 2, 250), startWriter(1, 2, 250)];
  let running = writers.length;
  for (const writer of writers) writer.once('exit', () => (running -= 1));
  while (running > 0) {
    expectWhole();
    await new Promise(setImmediate);
  }
  expect(writers.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
  expect(readKiteToken(tokenDir)).toMatchObject({ token: { accessToken: expect.stringMatching(/T499$/) } });
  expect(names()).toEqual(['access_token.txt', 'dhan_token.json']);
});

it('S19, T6: stay whole under kill -9 in the middle of writes, and nothing is left behind', {
  timeout: 300_000,
}, async () => {
  let written = 0;
  for (let life = 0; life < 20; life += 1) {
    const writer = startWriter(life * 1000, 1, 1000);
    // Some writes into its life it is killed, wherever it is then.
    for (let i = 0; i < 10 + life; i += 1) await Promise.race([once(writer, 'message'), endedEarly(writer)]);
    writer.kill('SIGKILL');
    await once(writer, 'exit');
    written += 10 + life;
    expectWhole();
  }
  expect(written).toBeGreaterThan(300);
  await storeKiteToken(config(), kite('last', 2_000_000_000_000));
  await storeDhanToken(config(), dhan('last', 2_000_000_000_000));
  expect(names().filter((name) => name.endsWith('.new'))).toEqual([]);
});

const mayMount = process.getuid?.() === 0;

describe.skipIf(!mayMount)('where nothing can be written (needs root, for the file system)', () => {
  it('T5: the old token stays, and the error says why: read-only', async () => {
    await storeKiteToken(config(), kite('old', Date.now()));
    execFileSync('mount', ['--bind', tokenDir, tokenDir]);
    try {
      execFileSync('mount', ['-o', 'remount,bind,ro', tokenDir]);
      const store = storeKiteToken(config(), kite('secretCanary', Date.now() + 1000));
      await expect(store).rejects.toThrow(TokenStoreError);
      await expect(store).rejects.toThrow(/read-only/);
      await expect(store).rejects.not.toThrow(/secretCanary/);
      expect(readKiteToken(tokenDir)).toMatchObject({ token: { accessToken: 'old' } });
      expect(tokenStateOf('kite', { tokenDir }, Date.now()).state).toMatch(/valid|expiring/);
    } finally {
      execFileSync('umount', ['--lazy', tokenDir]);
    }
  });

  it('T5: the old token stays, and the error says why: full', async () => {
    execFileSync('mkdir', [tokenDir]);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=16k', 'tmpfs', tokenDir]);
    try {
      await storeDhanToken(config(), dhan('old', 1_000_000));
      const free = statSync(tokenDir).blksize;
      expect(free).toBeGreaterThan(0);
      try {
        writeFileSync(path.join(tokenDir, 'ballast'), Buffer.alloc(64 * 1024));
      } catch (error) {
        expect((error as NodeJS.ErrnoException).code).toBe('ENOSPC');
      }
      await expect(storeDhanToken(config(), dhan('secretCanary', 2_000_000))).rejects.toThrow(/disk is full/);
      expect(readDhanToken(tokenDir)).toMatchObject({ token: { accessToken: 'old' } });
      expect(names()).toEqual(['ballast', 'dhan_token.json']);
    } finally {
      execFileSync('umount', ['--lazy', tokenDir]);
    }
  });
});
