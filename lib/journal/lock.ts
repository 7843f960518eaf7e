/**
 * The exclusive lock on a folder of the journal: one collector of a broker, whatever containers or users it runs in. It
 * is the kernel's (flock), so it ends with its holder, however that ends. Node has no flock: a child of util-linux's
 * `flock` holds it, and ends as soon as our end of its input does.
 */
import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import path from 'node:path';

const HELD_EXIT_CODE = 75;

/** The lock of who gives closed segments another form. */
export const ARCHIVE_LOCK = 'archive';
/** It is waited for this long: who had it before takes a moment to let go. */
export const ARCHIVE_WAIT_S = 5;

/** Somebody else holds the lock. */
export class LockHeldError extends Error {
  override readonly name = 'LockHeldError';
}

/**
 * Takes the lock `name` in `dir`, waiting up to `waitS` seconds (a holder that was just killed takes a moment to let go).
 *
 * @returns a function that lets go
 * @throws LockHeldError where somebody else keeps it
 */
export function lockFolder(dir: string, name: string, waitS: number): Promise<() => void> {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const file = path.join(dir, `${name}.lock`);
  // Made here, for its owner alone: flock itself would make it for everybody to read.
  closeSync(openSync(file, 'a', 0o600));
  const child = spawn(
    'flock',
    [
      '--timeout',
      String(waitS),
      '--conflict-exit-code',
      String(HELD_EXIT_CODE),
      file,
      'sh',
      '-c',
      'echo held; exec cat',
    ],
    // In a session of its own: Ctrl-C in a terminal reaches the whole group, and would let go while the holder still works.
    { stdio: ['pipe', 'pipe', 'inherit'], detached: true },
  );
  return new Promise((resolve, reject) => {
    child.once('error', (error) => reject(new Error(`flock (package util-linux) cannot be run: ${error.message}`)));
    child.once('exit', (code) =>
      reject(
        code === HELD_EXIT_CODE
          ? new LockHeldError(`somebody else holds ${name} of ${dir}`)
          : new Error(`the lock ${file} cannot be taken: flock ended with ${code}`),
      ),
    );
    child.stdout.once('data', () => {
      child.removeAllListeners('exit');
      resolve(() => child.stdin.end());
    });
  });
}
