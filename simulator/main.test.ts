/** The simulator as a process. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { OptionsError, parseOptions } from './options.ts';
import { TestClient } from './testing/client.ts';

interface Ended {
  readonly code: number | null;
  readonly output: string;
}

class Process {
  output = '';
  address: string | null = null;
  readonly ended: Promise<Ended>;
  readonly child: ChildProcess;

  constructor(...args: string[]) {
    const main = path.join(import.meta.dirname, 'main.ts');
    this.child = spawn(process.execPath, ['--import', 'tsx', main, ...args], {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env: { ...process.env, LOG_LEVEL: 'info' },
    });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.on('data', (data: Buffer) => {
        this.output += data.toString();
      });
    }
    this.child.on('message', (message: { event?: string; address?: string }) => {
      if (message.event === 'ready') this.address = message.address ?? null;
    });
    this.ended = new Promise((resolve) => {
      this.child.on('close', (code) => resolve({ code, output: this.output }));
    });
    onTestFinished(() => void this.child.kill('SIGKILL'));
  }

  async ready(): Promise<string> {
    await expect.poll(() => this.address, { timeout: 20_000 }).not.toBeNull();
    return this.address as string;
  }
}

describe('the process', { timeout: 40_000 }, () => {
  it('says where it listens, and ends within a second of SIGTERM, saying goodbye', async () => {
    const running = new Process('--port', '0', '--seed', '7');
    const address = await running.ready();
    await expect.poll(() => running.output).toContain(`"event":"simulator_listening","address":"${address}"`);
    expect(await (await fetch(address)).json()).toMatchObject({ seed: 7, address });
    const client = await new TestClient(
      `${address.replace('http', 'ws')}/kite?api_key=demo&access_token=demo`,
    ).opened();
    const asked = performance.now();
    running.child.kill('SIGTERM');
    expect((await running.ended).code).toBe(0);
    expect(performance.now() - asked).toBeLessThan(1000);
    await client.until(({ closed }) => closed !== null);
    expect(client.closed?.code).toBe(1001);
  });

  it.each([
    ['a recording that is not there', ['--market', 'replay:/nowhere/at/all'], 1, 'there is no recording at /nowhere'],
    ['an option that does not exist', ['--prot', '1'], 64, 'usage: simulator'],
    ['a speed beyond its limits', ['--speed', '1000'], 64, '--speed'],
  ])('ends with a sentence on %s', async (_, args, code, sentence) => {
    const ended = await new Process(...args).ended;
    expect(ended.code).toBe(code);
    expect(ended.output).toContain(sentence);
  });

  it('ends with a sentence where its port is taken', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void other.close());
    const { port } = other.address() as { port: number };
    const ended = await new Process('--port', String(port)).ended;
    expect(ended.code).toBe(1);
    expect(ended.output).toContain(`port ${port} on 127.0.0.1 is taken`);
  });
});

describe('options', () => {
  it('have defaults', () => {
    expect(parseOptions([])).toEqual({
      port: 0,
      market: { kind: 'synthetic' },
      speed: 1,
      seed: 1,
      framesPerSecond: null,
      ticksPerSecond: null,
      events: 0,
      more: 0,
      labels: null,
      session: 'always',
      date: null,
      clock: 'real',
      kiteRedirect: '',
      dhanRedirect: '',
    });
  });

  it('are read as they are written', () => {
    const args =
      '--port 4000 --market replay:/a/b:c --speed max --frames 40 --ticks 80 --session nse --date 2026-11-25 --clock manual';
    expect(parseOptions(args.split(' '))).toMatchObject({
      port: 4000,
      market: { kind: 'replay', path: '/a/b:c' },
      speed: 'max',
      framesPerSecond: 40,
      ticksPerSecond: 80,
      session: 'nse',
      date: '2026-11-25',
      clock: 'manual',
    });
  });

  it.each(['--port 70000', '--market file', '--speed 0', '--seed -1', '--date 2026-13-01', '--clock fast', 'stray'])(
    'refuse %s',
    (args) => {
      expect(() => parseOptions(args.split(' '))).toThrow(OptionsError);
    },
  );
});
