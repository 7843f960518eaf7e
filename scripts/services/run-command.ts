import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Environment } from '../../lib/config/config.ts';
import { toSpawn } from '../supervise/environment.ts';

const execFileAsync = promisify(execFile);
const OUTPUT_BYTES_MAX = 16 * 1024 * 1024;

export interface CommandOptions {
  readonly cwd?: string;
  readonly env?: Environment;
  readonly uid?: number;
  readonly gid?: number;
  readonly input?: string;
}

/** A command ended with an error; the message holds what it wrote to its standard error. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}

/** Runs a command to its end. @returns its standard output @throws CommandError */
export async function runCommand(
  command: string,
  args: readonly string[],
  { input, env, ...options }: CommandOptions = {},
): Promise<string> {
  try {
    const running = execFileAsync(command, args, {
      ...options,
      ...(env ? { env: toSpawn(env) } : {}),
      encoding: 'utf8',
      maxBuffer: OUTPUT_BYTES_MAX,
    });
    running.child.stdin?.end(input);
    return (await running).stdout;
  } catch (error) {
    const stderr = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : '';
    throw new CommandError(`${command}: ${stderr || String(error)}`);
  }
}

/** True if the command ends without an error. */
export function succeeds(command: string, args: readonly string[], options: CommandOptions = {}): Promise<boolean> {
  return runCommand(command, args, options).then(
    () => true,
    () => false,
  );
}
