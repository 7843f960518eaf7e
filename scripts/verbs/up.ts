/** `./gehra up`: runs an instance in the foreground, or starts one in the background. */
import { spawn } from 'node:child_process';
import { mkdirSync, openSync } from 'node:fs';
import path from 'node:path';
import { givenEnvironment } from '../../lib/config/config.ts';
import { FILES, openDataFolder } from '../instance/folder.ts';
import { Instance } from '../instance/instance.ts';
import type { SimulatorOptions } from '../instance/market.ts';
import { type Output, Steps, standardOutput } from '../terminal/steps.ts';
import { EXIT, messageOf, UserError } from '../user-error.ts';

export interface UpOptions extends SimulatorOptions {
  readonly dataDir: string;
  /** The folder that relative paths among the arguments are relative to. */
  readonly calledFrom: string;
  readonly detach?: boolean;
  readonly port?: number;
  readonly writers: number;
  readonly verbose?: boolean;
}

/** What a supervisor in the background tells the command that started it. */
type Report =
  | { readonly event: 'line'; readonly text: string }
  | { readonly event: 'ready' }
  | { readonly event: 'failed'; readonly message: string };

export function up(options: UpOptions): Promise<void> {
  return options.detach ? startInBackground(options) : runInForeground(options);
}

async function runInForeground(options: UpOptions): Promise<void> {
  const { dataDir, port, writers, verbose, market, speed, seed, frames, session, date, clock } = options;
  const steps = new Steps(process.send ? reportedOutput : standardOutput);
  const instance = new Instance(
    {
      dataDir,
      ...(port === undefined ? {} : { port }),
      writers,
      simulator: { market, speed, seed, frames, session, date, clock },
      environment: givenEnvironment(),
      ...(verbose ? { onOutput: printOutput } : {}),
    },
    steps,
  );
  let stopping = false;
  const onSignal = (): void => {
    if (stopping) {
      instance.kill();
      process.exit(EXIT.interrupted);
    }
    stopping = true;
    steps.line('stopping; press Ctrl-C again to end everything at once');
    void instance.stop().then(
      () => process.exit(0),
      (error) => {
        process.stderr.write(`${messageOf(error)}\n`);
        process.exit(EXIT.failed);
      },
    );
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);

  try {
    const address = await instance.start();
    steps.line(`ready ${address}`);
    const link = await instance.firstOwnerLink();
    if (link !== undefined) {
      steps.line('nobody can sign in yet: open this link within 15 minutes and choose a password');
      sayOnce(link);
      steps.line('it works once; ./gehra sign-in-link makes another');
    }
    report({ event: 'ready' });
    // Only the children are of interest from here on; the command that started us in the background may go.
    if (process.connected) process.disconnect();
  } catch (error) {
    // What the signal interrupted fails in its own ways; the signal's handler ends the process.
    if (stopping) return;
    stopping = true;
    await instance.stop();
    report({ event: 'failed', message: messageOf(error) });
    throw error;
  }
}

/** Output of a supervisor in the background: into its log, and to the command that waits for it. */
const reportedOutput: Output = {
  isTerminal: false,
  write: (text) => {
    process.stdout.write(text);
    report({ event: 'line', text });
  },
};

/** Tells the person, and not the log that the supervisor's output goes to. */
function sayOnce(text: string): void {
  if (process.send) report({ event: 'line', text: `${text}\n` });
  else process.stdout.write(`${text}\n`);
}

function report(message: Report): void {
  if (process.connected) process.send?.(message);
}

function printOutput(name: string, chunk: Uint8Array): void {
  for (const line of Buffer.from(chunk).toString().trimEnd().split('\n')) process.stdout.write(`${name} | ${line}\n`);
}

/** Starts a supervisor that outlives this command, shows its progress, and ends when it is ready or has failed. */
async function startInBackground({ dataDir, calledFrom }: UpOptions): Promise<void> {
  openDataFolder(dataDir);
  const logDir = path.join(dataDir, FILES.logs);
  mkdirSync(logDir, { recursive: true, mode: 0o700 });
  const log = openSync(path.join(logDir, 'up.log'), 'a', 0o600);
  const [script = '', ...args] = process.argv.slice(1);
  const supervisor = spawn(process.execPath, [script, ...args.filter((argument) => argument !== '--detach')], {
    cwd: calledFrom,
    detached: true,
    stdio: ['ignore', log, log, 'ipc'],
  });
  const interrupt = (): void => {
    supervisor.kill('SIGTERM');
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  const failure = await new Promise<string | undefined>((resolve) => {
    supervisor.on('message', (message: Report) => {
      if (message.event === 'line') process.stdout.write(message.text);
      if (message.event === 'ready') resolve(undefined);
      if (message.event === 'failed') resolve(message.message);
    });
    supervisor.once('exit', () => resolve(`It ended before it was ready; see ${path.join(logDir, 'up.log')}.`));
  });
  process.off('SIGINT', interrupt);
  process.off('SIGTERM', interrupt);
  supervisor.unref();
  if (supervisor.connected) supervisor.disconnect();
  if (failure !== undefined) throw new UserError(failure);
}
