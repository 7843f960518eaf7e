/** A process of a variant beside its main one: a consumer, a server, a crowd of clients. Speaks over its IPC channel. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

const FOLDER = path.resolve(import.meta.dirname, '..', 'children');
/** The system's own: Debian's packages are for this one, whichever other comes first on the PATH. */
export const PYTHON = '/usr/bin/python3';

export class Child {
  readonly pid: number;
  private readonly process: ChildProcess;

  /**
   * Starts `bench/children/<name>.ts` with `options`, which it reads with childOptions(); a name that ends with `.py` is
   * that of a program in Python, which has its options and the channel in the same form.
   */
  constructor(name: string, options: object) {
    const isPython = name.endsWith('.py');
    this.process = fork(path.join(FOLDER, isPython ? name : `${name}.ts`), [JSON.stringify(options)], {
      ...(isPython ? { execPath: PYTHON, execArgv: [] } : { execArgv: ['--import', 'tsx'] }),
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    this.pid = this.process.pid as number;
  }

  /** What it says next. @throws where it ends instead */
  async hears<T>(): Promise<T> {
    const ended = new AbortController();
    const exit = once(this.process, 'exit', { signal: ended.signal }).then(([code]) => {
      throw new Error(`a process of this variant ended with ${code}`);
    });
    try {
      const [message] = (await Promise.race([once(this.process, 'message'), exit])) as [T];
      return message;
    } finally {
      // The wait for the end is given up, which is no failure.
      exit.catch(() => undefined);
      ended.abort();
    }
  }

  tell(message: object): void {
    this.process.send(message);
  }

  async stop(): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    this.process.kill('SIGTERM');
    await once(this.process, 'exit');
  }
}

/** In the child: what it was started with. */
export const childOptions = <T>(): T => JSON.parse(process.argv[2] as string) as T;

/** In the child: says something to the process that started it. */
export function say(message: object): void {
  process.send?.(message);
}
