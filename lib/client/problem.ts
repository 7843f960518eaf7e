/** Answers of our own server that are not what was asked for. */
import { fieldFaults, withFieldWords } from './field-words.ts';

export class ServerProblem extends Error {
  override readonly name = 'ServerProblem';

  constructor(
    /** HTTP status; 0 where there was no answer. */
    readonly status: number,
    /** For a person. */
    readonly detail: string,
    /** The kind of problem; null where the answer does not say. */
    readonly title: string | null = null,
    /** What is wrong with which of the request's fields: `watch.level`. */
    readonly faults: ReadonlyMap<string, string> = new Map(),
  ) {
    super(`${status}: ${detail}`);
  }

  get signedOut(): boolean {
    return this.status === 401;
  }
}

/** The problem that an answer describes (application/problem+json), or its bare status. */
export async function problemOf(response: Response): Promise<ServerProblem> {
  const { detail, title } = wordsOf(await response.text());
  const words = detail ?? title ?? (response.statusText || `status ${response.status}`);
  return new ServerProblem(response.status, withFieldWords(words), title, fieldFaults(words));
}

/** What went wrong with a request, whatever was thrown. */
export function asProblem(error: unknown): ServerProblem {
  if (error instanceof ServerProblem) return error;
  return new ServerProblem(0, error instanceof Error ? error.message : String(error));
}

function wordsOf(text: string): { readonly detail: string | null; readonly title: string | null } {
  try {
    const { detail, title } = JSON.parse(text) as { detail?: unknown; title?: unknown };
    return {
      detail: typeof detail === 'string' && detail !== '' ? detail : null,
      title: typeof title === 'string' ? title : null,
    };
  } catch {
    // A proxy's HTML page, for one: its status says more than its text.
    return { detail: null, title: null };
  }
}
