/**
 * Progress for people: one line for each thing that was done, with what it took. On a terminal a last line, written over
 * and over, says what is under way; elsewhere a step that takes long says once that it has begun.
 */
const REDRAW_MS = 200;
/** A step that takes longer than this is announced where lines cannot be written over. */
const ANNOUNCE_MS = 3000;
const CLEAR_LINE = '\r\u001b[K';

export interface Output {
  /** True where a line can be written over. */
  readonly isTerminal: boolean;
  write(text: string): void;
}

export const standardOutput: Output = {
  isTerminal: process.stdout.isTTY === true,
  write: (text) => {
    process.stdout.write(text);
  },
};

/** Adds to the line of the step under way, e.g. a version or a port. */
export type Say = (detail: string) => void;

export class Steps {
  readonly #output: Output;
  readonly #running = new Map<string, number>();
  #redraw: NodeJS.Timeout | undefined;

  constructor(output: Output = standardOutput) {
    this.#output = output;
  }

  /** Does `work` as a step named `title` (`starting Redis`), and prints its line when it is done. */
  async step<T>(title: string, work: (say: Say) => Promise<T>): Promise<T> {
    const startedMs = performance.now();
    let detail = '';
    this.#running.set(title, startedMs);
    const announce = this.#output.isTerminal
      ? undefined
      : setTimeout(() => this.#output.write(`${title} ...\n`), ANNOUNCE_MS);
    this.#show();
    try {
      const result = await work((text) => {
        detail = `: ${text}`;
      });
      this.#running.delete(title);
      this.line(`${title}${detail}, ${seconds(performance.now() - startedMs)}`);
      return result;
    } catch (error) {
      this.#running.delete(title);
      this.line(`${title}: failed after ${seconds(performance.now() - startedMs)}`);
      throw error;
    } finally {
      clearTimeout(announce);
    }
  }

  /** Prints a line of its own. */
  line(text: string): void {
    this.#output.write(this.#output.isTerminal ? `${CLEAR_LINE}${text}\n` : `${text}\n`);
    this.#show();
  }

  #show(): void {
    if (!this.#output.isTerminal) return;
    if (this.#running.size === 0) {
      clearInterval(this.#redraw);
      this.#redraw = undefined;
      return;
    }
    const oldest = Math.min(...this.#running.values());
    this.#output.write(
      `${CLEAR_LINE}${[...this.#running.keys()].join(', ')} ... ${Math.floor((performance.now() - oldest) / 1000)} s`,
    );
    this.#redraw ??= setInterval(() => this.#show(), REDRAW_MS);
  }
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
