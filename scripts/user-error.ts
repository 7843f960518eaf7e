/**
 * Exit codes of every verb: 0 done, 1 could not be done (the message says why and what to do), 2 wrong usage,
 * 130 stopped by a second Ctrl-C.
 */
export const EXIT = { failed: 1, usage: 2, interrupted: 130 } as const;

/** Something a person can put right. The message is shown as it is, without a stack; it says what to do. */
export class UserError extends Error {
  override readonly name = 'UserError';
  readonly exitCode: number;

  constructor(message: string, exitCode: number = EXIT.failed) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** What an error says, whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The system's code of an error (`ENOENT`, `ECONNREFUSED`, an SQLSTATE), if it has one. */
export function codeOf(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : undefined;
}
