/** What every route handler has in common: parse the query, call one verb, turn an error into a problem. */
import type { z } from 'zod';
import { services } from './context.ts';
import { PROBLEM_CONTENT_TYPE, problemOf, RequestError } from './errors.ts';

/** Makes a GET handler: `answer` gets the query parsed by `schema`. */
export function route<Schema extends z.ZodType>(
  schema: Schema,
  answer: (query: z.output<Schema>) => Promise<Response>,
): (request: Request) => Promise<Response> {
  return async (request) => {
    try {
      return await answer(parseQuery(schema, new URL(request.url).searchParams));
    } catch (error) {
      return problemResponse(error);
    }
  };
}

/** @throws RequestError naming each parameter that is wrong */
export function parseQuery<Schema extends z.ZodType>(schema: Schema, parameters: URLSearchParams): z.output<Schema> {
  const repeated = [...new Set(parameters.keys())].filter((name) => parameters.getAll(name).length > 1);
  if (repeated.length > 0) throw new RequestError(400, 'Bad request', `${repeated.join(', ')} may be given once.`);
  const parsed = schema.safeParse(Object.fromEntries(parameters));
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'query'}: ${message}`);
  throw new RequestError(400, 'Bad request', `${faults.join('; ')}.`);
}

export function problemResponse(error: unknown): Response {
  const problem = problemOf(error);
  if (problem.status >= 500) services().log.error({ event: 'request_failed', err: error });
  return new Response(JSON.stringify(problem), {
    status: problem.status,
    headers: { 'content-type': PROBLEM_CONTENT_TYPE, 'cache-control': 'no-store' },
  });
}
