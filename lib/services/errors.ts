/** What a request can fail of, each with its HTTP status: a small closed family. Anything else is our own mistake: 500. */
export class RequestError extends Error {
  override readonly name = 'RequestError';

  constructor(
    readonly status: 400 | 401 | 403 | 404 | 405 | 409 | 413 | 415 | 422 | 429 | 502 | 503 | 504,
    readonly title: string,
    /** What was wrong, and what to ask instead. */
    detail: string,
  ) {
    super(detail);
  }
}

/** Body of an answer that says what went wrong, after RFC 9457. */
export interface Problem {
  readonly type: 'about:blank';
  readonly title: string;
  readonly status: number;
  readonly detail: string;
}

export const PROBLEM_CONTENT_TYPE = 'application/problem+json';

/** Problem of an error. What is not meant for the outside is not told. */
export function problemOf(error: unknown): Problem {
  if (error instanceof RequestError) {
    return { type: 'about:blank', title: error.title, status: error.status, detail: error.message };
  }
  return {
    type: 'about:blank',
    title: 'Internal error',
    status: 500,
    detail: 'The request failed on the server; its log says why.',
  };
}
