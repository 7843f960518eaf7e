import { closeSync, existsSync, fstatSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs';
import path from 'node:path';
import { messageOf } from '../user-error.ts';

const BYTES_MAX = 10 * 1024 * 1024;
/** Full files that are kept beside the current one: name.log.1 is the newest of them. */
const KEPT = 3;

/**
 * The log of one process: appended to, and put aside when it is full. Trouble with it (a full disk) is told once and
 * never thrown: a log must not take down what it is about.
 */
export class LogFile {
  readonly file: string;
  readonly #bytesMax: number;
  #fd: number;
  #bytes: number;
  #troubled = false;
  #closed = false;

  constructor(file: string, bytesMax: number = BYTES_MAX) {
    this.file = file;
    this.#bytesMax = bytesMax;
    mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
    this.#fd = openLog(file);
    this.#bytes = fstatSync(this.#fd).size;
  }

  write(chunk: Uint8Array | string): void {
    // The last output of a process may come after its end.
    if (this.#closed) return;
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    const troubles: unknown[] = [];
    try {
      if (this.#bytes > 0 && this.#bytes + bytes.length > this.#bytesMax) this.#rotate();
    } catch (error) {
      // What does not fit is written all the same, and the next write tries again.
      troubles.push(error);
    }
    try {
      writeSync(this.#fd, bytes);
      this.#bytes += bytes.length;
    } catch (error) {
      troubles.push(error);
    }
    const [first] = troubles;
    if (first && !this.#troubled) process.stderr.write(`${this.file} cannot be written: ${messageOf(first)}\n`);
    this.#troubled = troubles.length > 0;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    closeSync(this.#fd);
  }

  #rotate(): void {
    // Before anything is put aside: where no other can be opened, the full one stays.
    const fd = openLog(`${this.file}.next`);
    try {
      this.#putAside();
    } catch (error) {
      closeSync(fd);
      throw error;
    }
    closeSync(this.#fd);
    this.#fd = fd;
    this.#bytes = 0;
  }

  #putAside(): void {
    for (let age = KEPT - 1; age >= 1; age--) {
      if (existsSync(`${this.file}.${age}`)) renameSync(`${this.file}.${age}`, `${this.file}.${age + 1}`);
    }
    renameSync(this.file, `${this.file}.1`);
    renameSync(`${this.file}.next`, this.file);
  }
}

function openLog(file: string): number {
  return openSync(file, 'a', 0o600);
}
