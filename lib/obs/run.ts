/** The frame that every process stands in: configuration, log, start, signal, stop under a time cap. */
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Config, ConfigError, loadConfig } from '../config/config.ts';
import { createLog, type Log, logConsole } from './log.ts';

/** Parts are stopped within this time, or the process ends without them. */
const STOP_CAP_MS = 10_000;
/** In a container: written this often, so that docker-compose.yml's health check sees a process that hangs. */
const ALIVE_FILE = 'gehra-alive';
const ALIVE_MS = 5000;

export interface ProcessContext {
  readonly config: Config;
  readonly log: Log;
  /** Registers what has to happen at the end. Stops run in reverse order. */
  onStop(stop: () => Promise<void> | void): void;
  /** Ends the process in order, as a signal would. For a part that cannot go on; `exitCode` tells why. */
  stop(exitCode: number): void;
}

/** What a child tells `./gehra up` over its IPC channel. */
export interface ReadyMessage {
  readonly event: 'ready';
  /** Where it can be reached, if it serves anything. */
  readonly address?: string;
}

/**
 * Runs a process: `start` builds and starts its parts and may return the address it serves. A failed start, an uncaught
 * exception or an unhandled rejection ends it with code 1: running on after those would be running in an unknown state.
 */
export async function run(
  name: string,
  start: (context: ProcessContext) => Promise<string | undefined>,
): Promise<void> {
  let config: Config;
  try {
    config = loadConfig();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(78);
  }
  const log = createLog(name, config.logLevel);
  logConsole(log);
  const stops: (() => Promise<void> | void)[] = [];
  let stopping = false;

  const stop = (exitCode: number): void => {
    if (stopping) return;
    stopping = true;
    const cap = setTimeout(() => {
      log.error({ event: 'stop_timed_out', capMs: STOP_CAP_MS });
      process.exit(exitCode || 1);
    }, STOP_CAP_MS);
    void stopAll(stops, log).then((clean) => {
      clearTimeout(cap);
      log.info({ event: 'process_stopped' });
      process.exit(clean ? exitCode : exitCode || 1);
    });
  };

  process.on('SIGTERM', () => stop(0));
  process.on('SIGINT', () => stop(0));
  // `./gehra up` is gone: nobody is left to stop this process.
  process.on('disconnect', () => stop(0));
  const crash = (error: unknown): void => {
    log.fatal({ event: 'process_crashed', err: error });
    process.exit(1);
  };
  process.on('uncaughtException', crash);
  process.on('unhandledRejection', crash);

  log.info({ event: 'process_starting', pid: process.pid });
  try {
    const address = await start({ config, log, onStop: (part) => stops.push(part), stop });
    log.info({ event: 'process_ready', address });
    if (config.inContainer) showAlive(log);
    process.send?.({ event: 'ready', ...(address ? { address } : {}) } satisfies ReadyMessage);
  } catch (error) {
    log.fatal({ event: 'process_start_failed', err: error });
    stop(1);
  }
}

function showAlive(log: Log): void {
  const file = path.join(tmpdir(), ALIVE_FILE);
  const show = (): void => {
    try {
      writeFileSync(file, '');
    } catch (error) {
      // The container gets unhealthy, which is what is to be seen.
      log.error({ event: 'alive_not_shown', err: error });
    }
  };
  show();
  setInterval(show, ALIVE_MS).unref();
}

async function stopAll(stops: readonly (() => Promise<void> | void)[], log: Log): Promise<boolean> {
  let clean = true;
  for (const stop of stops.toReversed()) {
    try {
      await stop();
    } catch (error) {
      clean = false;
      log.error({ event: 'stop_failed', err: error });
    }
  }
  return clean;
}
