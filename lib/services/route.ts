/** What every route handler has in common: who asks, what they send, one verb, and an error turned into a problem. */
import { z } from 'zod';
import { type Caller, type Role, requireCaller } from './access.ts';
import { services } from './context.ts';
import { PROBLEM_CONTENT_TYPE, problemOf, RequestError } from './errors.ts';

/** Bodies of our own pages and scripts are small. */
const BODY_BYTES_MAX = 64 * 1024;

export interface Asked<Query, Body> {
  readonly caller: Caller;
  readonly query: Query;
  readonly body: Body;
  readonly request: Request;
}

interface Demand<Query extends z.ZodType, Body extends z.ZodType> {
  readonly role: Role;
  /** Default: no parameter at all. */
  readonly query?: Query;
  /** Of a handler that changes something; default: no body at all. */
  readonly body?: Body;
}

const Nothing = z.strictObject({});
type Nothing = typeof Nothing;

/** Makes a handler that only reads: GET. */
export function route<Query extends z.ZodType = Nothing>(
  { role, query }: Omit<Demand<Query, Nothing>, 'body'>,
  answer: (asked: Asked<z.output<Query>, undefined>) => Promise<Response>,
): (request: Request) => Promise<Response> {
  return handler(async (request) => {
    const caller = await requireCaller(request.headers, role);
    return answer({
      caller,
      query: parseQuery(query ?? Nothing, searchOf(request)) as z.output<Query>,
      body: undefined,
      request,
    });
  });
}

/** Makes a handler that changes something: POST, PUT, PATCH, DELETE. Only our own pages may call it from a browser. */
export function change<Query extends z.ZodType = Nothing, Body extends z.ZodType = Nothing>(
  { role, query, body }: Demand<Query, Body>,
  answer: (asked: Asked<z.output<Query>, z.output<Body>>) => Promise<Response>,
): (request: Request) => Promise<Response> {
  return handler(async (request) => {
    const caller = await requireCaller(request.headers, role);
    mustBeOurs(request);
    const asked = {
      caller,
      query: parseQuery(query ?? Nothing, searchOf(request)) as z.output<Query>,
      body: parse(body ?? Nothing, await readJson(request), 'body') as z.output<Body>,
      request,
    };
    return answer(asked);
  });
}

/** Turns what a handler throws into a problem. */
export function handler(answer: (request: Request) => Promise<Response>): (request: Request) => Promise<Response> {
  return async (request) => {
    try {
      return await answer(request);
    } catch (error) {
      return problemResponse(error);
    }
  };
}

const searchOf = (request: Request): URLSearchParams => new URL(request.url).searchParams;

/** @throws RequestError naming each parameter that is wrong */
export function parseQuery<Schema extends z.ZodType>(schema: Schema, parameters: URLSearchParams): z.output<Schema> {
  const repeated = [...new Set(parameters.keys())].filter((name) => parameters.getAll(name).length > 1);
  if (repeated.length > 0) throw new RequestError(400, 'Bad request', `${repeated.join(', ')} may be given once.`);
  return parse(schema, Object.fromEntries(parameters), 'query');
}

function parse<Schema extends z.ZodType>(schema: Schema, value: unknown, what: 'query' | 'body'): z.output<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(({ path, message }) => `${path.join('.') || what}: ${message}`);
  throw new RequestError(400, 'Bad request', `${faults.join('; ')}.`);
}

/**
 * A browser names the page that asks in `Origin`; another site's page cannot choose it, and what a script sends without one
 * has no cookie to ride on.
 *
 * @throws RequestError 403
 */
function mustBeOurs(request: Request): void {
  const { headers } = request;
  const origin = headers.get('origin');
  const site = headers.get('sec-fetch-site');
  const own = origin !== null && URL.canParse(origin) && new URL(origin).host === headers.get('host');
  if (!own || (site !== null && site !== 'same-origin')) {
    throw new RequestError(403, 'Not allowed', 'Only pages of this server may ask for that.');
  }
}

/** @throws RequestError 413, 415, 400 */
async function readJson(request: Request): Promise<unknown> {
  const length = Number(request.headers.get('content-length') ?? 0);
  if (length > BODY_BYTES_MAX) throw tooLarge();
  if (!request.body) return {};
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of request.body as unknown as AsyncIterable<Uint8Array>) {
    size += part.length;
    if (size > BODY_BYTES_MAX) throw tooLarge();
    parts.push(part);
  }
  if (size === 0) return {};
  if (!/^application\/json *(;|$)/i.test(request.headers.get('content-type') ?? '')) {
    throw new RequestError(415, 'Unsupported media type', 'The body must be application/json.');
  }
  try {
    return JSON.parse(Buffer.concat(parts).toString('utf8'));
  } catch {
    throw new RequestError(400, 'Bad request', 'The body is not JSON.');
  }
}

const tooLarge = (): RequestError =>
  new RequestError(413, 'Body too large', `A body may have ${BODY_BYTES_MAX / 1024} KiB.`);

export function problemResponse(error: unknown): Response {
  const problem = problemOf(error);
  if (problem.status >= 500) services().log.error({ event: 'request_failed', err: error });
  return new Response(JSON.stringify(problem), {
    status: problem.status,
    headers: { 'content-type': PROBLEM_CONTENT_TYPE, 'cache-control': 'no-store' },
  });
}
