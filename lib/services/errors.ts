import { isDatabaseAway } from '../../db/connect.ts';

/** What a request can fail of, each with its HTTP status: a small closed family. Anything else is our own mistake: 500. */
export class RequestError extends Error {
  override readonly name = 'RequestError';

  constructor(
    readonly status: 400 | 401 | 403 | 404 | 405 | 409 | 413 | 415 | 416 | 422 | 429 | 502 | 503 | 504,
    readonly title: string,
    /** What was wrong, and what to ask instead. */
    detail: string,
    /** After which time it may be tried again, s; where that is known. */
    readonly retryAfterS?: number,
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

/** So soon may be tried again what the database had no room or no answer for, s. */
const DATABASE_RETRY_S = 2;

/** Headers of the answer that tells a problem. */
export function problemHeaders(error: unknown): Record<string, string> {
  const retryAfterS =
    error instanceof RequestError ? error.retryAfterS : isDatabaseAway(error) ? DATABASE_RETRY_S : undefined;
  return {
    'content-type': PROBLEM_CONTENT_TYPE,
    'cache-control': 'no-store',
    ...(retryAfterS === undefined ? {} : { 'retry-after': String(Math.max(1, Math.ceil(retryAfterS))) }),
  };
}

/** Problem of an error. What is not meant for the outside is not told. */
export function problemOf(error: unknown): Problem {
  if (error instanceof RequestError) {
    return { type: 'about:blank', title: error.title, status: error.status, detail: error.message };
  }
  if (isDatabaseAway(error)) {
    return {
      type: 'about:blank',
      title: 'Database unavailable',
      status: 503,
      detail: 'The database does not answer just now. Try again in a moment.',
    };
  }
  return {
    type: 'about:blank',
    title: 'Internal error',
    status: 500,
    detail: 'The request failed on the server; its log says why.',
  };
}
