/** What a check of the source has to say, and how it says it. */
import path from 'node:path';

export interface Finding {
  /** Path within the repository, with forward slashes. */
  readonly file: string;
  /** 1-based; 0 where it is about the whole file. */
  readonly line: number;
  readonly what: string;
  readonly why: string;
}

/**
 * Prints findings as `file:line  what  why`, or one line when there are none, and sets the exit code.
 *
 * @param fine what to say when all is well
 */
export function report(findings: readonly Finding[], fine: string): void {
  if (findings.length === 0) {
    process.stdout.write(`${fine}\n`);
    return;
  }
  for (const { file, line, what, why } of findings) {
    process.stdout.write(`${file}${line > 0 ? `:${line}` : ''}  ${what}  ${why}\n`);
  }
  process.exitCode = 1;
}

/** Line of an offset in a text, 1-based. */
export const lineAt = (text: string, offset: number): number => text.slice(0, offset).split('\n').length;

/** A path as findings and rules write it. */
export const posix = (relative: string): string => relative.split(path.sep).join('/');
