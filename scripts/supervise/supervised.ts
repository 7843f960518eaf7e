/** One child process: started, watched, started again when it dies, stopped in order. */

import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Environment } from '../../lib/config/config.ts';
import type { ReadyMessage } from '../../lib/obs/run.ts';
import { messageOf } from '../user-error.ts';
import { toSpawn } from './environment.ts';
import { LogFile } from './log-file.ts';

const BACKOFF_MIN_MS = 250;
const BACKOFF_MAX_MS = 30_000;
/** A child that lived so long starts again with the shortest wait. */
const BACKOFF_RESET_MS = 30_000;
/** A child that is not ready by then has failed to start: crash recovery of a database takes the longest. */
const READY_WITHIN_MS = 120_000;
/** A child gets this long to stop by itself: a little more than its own cap (lib/obs/run.ts). */
const STOP_WITHIN_MS = 10_500;
/** So much of its last output is kept, to be shown when it fails to start. */
const TAIL_BYTES = 4096;

export interface ChildSpec {
  /** Short and without blanks: names its log file. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Environment;
  /** Whom it runs as, where not as ourselves. */
  readonly user?: { readonly uid: number; readonly gid: number };
  readonly stopSignal: NodeJS.Signals;
  /** Before every start, e.g. to clear away what a killed one left. */
  readonly prepare?: () => Promise<void>;
  /**
   * When it counts as started: `message` for our own processes, which say so over IPC; else a probe that resolves once it
   * answers and gives up when the signal aborts.
   */
  readonly ready: 'message' | ((signal: AbortSignal) => Promise<void>);
}

/** A child ended, or never answered, at its first start. */
export class StartError extends Error {
  override readonly name = 'StartError';
}

export interface SupervisedEvents {
  /** Something happened that a person may want to know, in words. */
  readonly onNote: (text: string) => void;
  /** The child was started or has ended. */
  readonly onChange: () => void;
  /** A copy of its output, where wanted. */
  readonly onOutput?: (chunk: Uint8Array) => void;
}

export class Supervised {
  readonly name: string;
  restarts = 0;
  startedMs = 0;
  readonly #spec: ChildSpec;
  readonly #events: SupervisedEvents;
  readonly #log: LogFile;
  readonly #stopping = new AbortController();
  #child: ChildProcess | undefined;
  #tail = Buffer.alloc(0);
  #loop: Promise<void> = Promise.resolve();

  constructor(spec: ChildSpec, logFile: string, events: SupervisedEvents) {
    this.name = spec.name;
    this.#spec = spec;
    this.#events = events;
    this.#log = new LogFile(logFile);
  }

  /** Of the child that runs now; undefined between two lives. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Starts it. Resolves when it is ready for the first time; from then on it is kept running. */
  async start(): Promise<void> {
    await this.#spec.prepare?.();
    const child = this.#spawn();
    const startCap = AbortSignal.timeout(READY_WITHIN_MS);
    const giveUp = new AbortController();
    try {
      await Promise.race([
        this.#whenReady(child, AbortSignal.any([startCap, giveUp.signal, this.#stopping.signal])),
        exitOf(child).then((cause) => {
          throw new StartError(`${this.name} ended at its start (${cause})`);
        }),
        abortion(startCap, () => new StartError(`${this.name} was not ready within ${READY_WITHIN_MS / 1000} s`)),
        abortion(this.#stopping.signal, () => new StartError(`${this.name} was stopped while it started`)),
      ]);
    } catch (error) {
      await this.stop();
      throw new StartError(`${messageOf(error)}.\n${this.#tail.toString()}`.trimEnd());
    } finally {
      giveUp.abort();
    }
    this.#loop = this.#keepRunning(child);
  }

  /** Stops it for good: asks, waits, and ends it if it does not end by itself. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    const child = this.#child;
    if (child && isRunning(child)) {
      const ended = exitOf(child);
      child.kill(this.#spec.stopSignal);
      const cap = setTimeout(() => {
        this.#events.onNote(`${this.name} did not stop within ${STOP_WITHIN_MS / 1000} s and was killed`);
        child.kill('SIGKILL');
      }, STOP_WITHIN_MS);
      await ended;
      clearTimeout(cap);
    }
    await this.#loop;
    this.#log.close();
  }

  /** Ends it at once. */
  kill(): void {
    this.#stopping.abort();
    this.#child?.kill('SIGKILL');
  }

  async #keepRunning(first: ChildProcess): Promise<void> {
    const stopping = this.#stopping.signal;
    let child = first;
    let waitMs = BACKOFF_MIN_MS;
    for (;;) {
      const cause = await exitOf(child);
      this.#child = undefined;
      this.#events.onChange();
      if (stopping.aborted) return;
      if (Date.now() - this.startedMs >= BACKOFF_RESET_MS) waitMs = BACKOFF_MIN_MS;
      this.#events.onNote(`${this.name} ended (${cause}); starting it again in ${waitMs / 1000} s`);
      let next: ChildProcess | undefined;
      while (!next) {
        await sleep(waitMs, undefined, { signal: stopping }).catch(() => undefined);
        if (stopping.aborted) return;
        waitMs = Math.min(waitMs * 2, BACKOFF_MAX_MS);
        next = await this.#startAgain();
      }
      child = next;
    }
  }

  /** Undefined where it cannot be started yet. */
  async #startAgain(): Promise<ChildProcess | undefined> {
    try {
      await this.#spec.prepare?.();
      this.#stopping.signal.throwIfAborted();
      // Before the start, which tells of the change.
      this.restarts += 1;
      return this.#spawn();
    } catch (error) {
      if (!this.#stopping.signal.aborted) {
        this.#events.onNote(`${this.name} cannot be started again yet: ${messageOf(error)}`);
      }
      return undefined;
    }
  }

  #spawn(): ChildProcess {
    const { command, args, cwd, env, user, ready } = this.#spec;
    const child = spawn(command, args, {
      cwd,
      env: toSpawn(env),
      ...(user ? { uid: user.uid, gid: user.gid } : {}),
      // In a session of its own: Ctrl-C in a terminal must reach only us, who stop the children in order.
      detached: true,
      stdio: ready === 'message' ? ['ignore', 'pipe', 'pipe', 'ipc'] : ['ignore', 'pipe', 'pipe'],
    });
    // A command that cannot be run has no pid and never exits: it is made to look like one that ended.
    child.on('error', (error) => {
      this.#output(Buffer.from(`${command}: ${error.message}\n`));
      if (child.pid === undefined) child.emit('exit', 127, null);
    });
    child.stdout?.on('data', (chunk: Buffer) => this.#output(chunk));
    child.stderr?.on('data', (chunk: Buffer) => this.#output(chunk));
    this.#child = child;
    this.startedMs = Date.now();
    this.#events.onChange();
    return child;
  }

  #whenReady(child: ChildProcess, signal: AbortSignal): Promise<void> {
    const { ready } = this.#spec;
    if (ready !== 'message') return ready(signal);
    return new Promise((resolve) => {
      child.on('message', (message: ReadyMessage) => {
        if (message.event === 'ready') resolve();
      });
    });
  }

  #output(chunk: Buffer): void {
    this.#log.write(chunk);
    this.#tail = Buffer.concat([this.#tail, chunk]).subarray(-TAIL_BYTES);
    this.#events.onOutput?.(chunk);
  }
}

function isRunning(child: ChildProcess): boolean {
  return child.pid !== undefined && child.exitCode === null && child.signalCode === null;
}

/** Resolves when the child has ended, to how it did: `exit code 1`, `signal SIGKILL`. */
function exitOf(child: ChildProcess): Promise<string> {
  const words = (code: number | null, signal: NodeJS.Signals | null): string =>
    signal ? `signal ${signal}` : `exit code ${code}`;
  if (child.exitCode !== null || child.signalCode !== null) {
    return Promise.resolve(words(child.exitCode, child.signalCode));
  }
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => resolve(words(code, signal)));
  });
}

/** Rejects when the signal aborts. */
function abortion(signal: AbortSignal, error: () => Error): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(error());
    signal.addEventListener('abort', () => reject(error()), { once: true });
  });
}
