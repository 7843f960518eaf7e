/** What every route handler has in common: who asks, what they send, one verb, and an error turned into a problem. */
import { z } from 'zod';
import { type Answer, type JsonPath, OPERATIONS, type OperationPath, type Query } from '../api/operations.ts';
import { TASKS, type Task, type TaskBody, type TaskName, type TaskQuery } from '../api/tasks.ts';
import { type Caller, type Role, requireCaller } from './access.ts';
import { services } from './context.ts';
import { problemHeaders, problemOf, RequestError } from './errors.ts';
import { ownOrigin } from './request-facts.ts';

/** Bodies of our own pages and scripts are small. */
export const BODY_BYTES_MAX = 64 * 1024;

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
  /** Of a handler that decides who may come in: the password must have been entered a short time ago. */
  readonly recentPassword?: boolean;
}

/** A handler that knows whom it is for, so that tests can ask each one. */
export interface RoleHandler {
  (request: Request): Promise<Response>;
  readonly role: Role;
}

const Nothing = z.strictObject({});
type Nothing = typeof Nothing;

/** Makes a handler that only reads: GET. */
export function route<Query extends z.ZodType = Nothing>(
  { role, query }: Pick<Demand<Query, Nothing>, 'role' | 'query'>,
  answer: (asked: Asked<z.output<Query>, undefined>) => Promise<Response>,
): RoleHandler {
  return withRole(role, async (request) => {
    const caller = await requireCaller(request.headers, role);
    return answer({
      caller,
      query: parseQuery(query ?? Nothing, searchOf(request)) as z.output<Query>,
      body: undefined,
      request,
    });
  });
}

/**
 * Makes a handler that changes something: POST, PUT, PATCH, DELETE. From a browser only our own pages may call it; a script
 * with a key brings along nothing that another site's page could ride on.
 */
export function change<Query extends z.ZodType = Nothing, Body extends z.ZodType = Nothing>(
  { role, query, body, recentPassword = false }: Demand<Query, Body>,
  answer: (asked: Asked<z.output<Query>, z.output<Body>>) => Promise<Response>,
): RoleHandler {
  return withRole(role, async (request) => {
    const caller = await requireCaller(request.headers, role);
    if (caller.via !== 'key') {
      mustBeOurs(request);
      mustNotBeAForm(request);
    }
    if (recentPassword) caller.mustHaveEnteredPassword();
    const asked = {
      caller,
      query: parseQuery(query ?? Nothing, searchOf(request)) as z.output<Query>,
      body: parse(body ?? Nothing, await readJson(request), 'body') as z.output<Body>,
      request,
    };
    return answer(asked);
  });
}

/** The same for who need not be known, because what they bring along decides: our own pages alone, from a browser or not. */
export function openChange<Body extends z.ZodType>(
  { body }: { readonly body: Body },
  answer: (asked: { readonly body: z.output<Body>; readonly request: Request }) => Promise<Response>,
): (request: Request) => Promise<Response> {
  return handler(async (request) => {
    mustBeOurs(request);
    mustNotBeAForm(request);
    parseQuery(Nothing, searchOf(request));
    return answer({ body: parse(body, await readJson(request), 'body') as z.output<Body>, request });
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

const withRole = (role: Role, answer: (request: Request) => Promise<Response>): RoleHandler =>
  Object.assign(handler(answer), { role });

const NO_STORE = { 'cache-control': 'no-store' };

/** An answer that is this person's alone. */
export const json = (body: object): Response => Response.json(body, { headers: NO_STORE });

/** The answer of what has nothing to tell. */
export const nothing = (): Response => new Response(null, { status: 204, headers: NO_STORE });

const searchOf = (request: Request): URLSearchParams => new URL(request.url).searchParams;

/** @throws RequestError naming each parameter that is wrong */
export function parseQuery<Schema extends z.ZodType>(schema: Schema, parameters: URLSearchParams): z.output<Schema> {
  for (const [name, value] of parameters) if (value.includes('\0')) throw noText(name);
  const repeated = [...new Set(parameters.keys())].filter((name) => parameters.getAll(name).length > 1);
  if (repeated.length > 0) throw new RequestError(400, 'Bad request', `${repeated.join(', ')} may be given once.`);
  return parse(schema, Object.fromEntries(parameters), 'query');
}

/** @throws RequestError naming each member that is wrong */
export function parse<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  what: 'query' | 'body',
): z.output<Schema> {
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
export function mustBeOurs(request: Request): void {
  const { headers } = request;
  const origin = headers.get('origin');
  const site = headers.get('sec-fetch-site');
  const own = origin !== null && hostOf(origin) !== null && hostOf(origin) === hostOf(ownOrigin(headers));
  if (!own || (site !== null && site !== 'same-origin')) {
    throw new RequestError(403, 'Not allowed', 'Only pages of this server may ask for that.');
  }
}

/** What only reads, but costs: a browser says when another site's page asks for it. @throws RequestError 403 */
export function mustNotBeForeign(headers: Headers): void {
  const origin = headers.get('origin');
  const site = headers.get('sec-fetch-site');
  const foreign = origin !== null && (hostOf(origin) === null || hostOf(origin) !== hostOf(ownOrigin(headers)));
  if (!foreign && site !== 'cross-site') return;
  throw new RequestError(403, 'Not allowed', 'Only pages of this server may ask for that.');
}

/** Types of body that another site's page can send without asking first. @throws RequestError 403 */
function mustNotBeAForm({ headers }: Request): void {
  if (
    !/^ *(text\/plain|multipart\/form-data|application\/x-www-form-urlencoded)/i.test(headers.get('content-type') ?? '')
  )
    return;
  throw new RequestError(403, 'Not allowed', 'The body must be application/json.');
}

const hostOf = (origin: string): string | null => (URL.canParse(origin) ? new URL(origin).host : null);

/** A body of JSON. @throws RequestError 413, 415, 400 */
async function readJson(request: Request): Promise<unknown> {
  const bytes = await readBytes(request);
  if (bytes.length === 0) return {};
  if (!JSON_TYPE.test(request.headers.get('content-type') ?? '')) {
    throw new RequestError(415, 'Unsupported media type', 'The body must be application/json.');
  }
  return parseJson(bytes);
}

const JSON_TYPE = /^application\/json *(;|$)/i;
const FORM_TYPE = /^application\/x-www-form-urlencoded *(;|$)/i;

/** A body of JSON, or of a form that is sent without scripts. @throws RequestError 413, 415, 400 */
export async function readBody(request: Request): Promise<unknown> {
  if (!FORM_TYPE.test(request.headers.get('content-type') ?? '')) return readJson(request);
  const form = new URLSearchParams((await readBytes(request)).toString('utf8'));
  for (const [name, value] of form) if (value.includes('\0')) throw noText(name);
  return Object.fromEntries(form);
}

/** NUL stands in no text of the database. */
const noText = (what: string): RequestError =>
  new RequestError(400, 'Bad request', `${what} holds the character NUL, which no text has.`);

/** Half of a pair that stands for one character, without its other half: no text, and none that a column of JSON takes. */
const halfCharacter = (what: string): RequestError =>
  new RequestError(400, 'Bad request', `${what} holds half a character (\\ud800 to \\udfff), which no text has.`);

const HALF_ESCAPED = /\\ud[89a-f]/i;
const HALF = /\p{Surrogate}/u;

function parseJson(bytes: Buffer): unknown {
  const text = bytes.toString('utf8');
  if (/\\u0000/.test(text)) throw noText('The body');
  let value: unknown;
  let hasHalf = false;
  try {
    // Halves come by escapes alone: the bytes were decoded to whole characters.
    value = HALF_ESCAPED.test(text)
      ? JSON.parse(text, (key, part) => {
          hasHalf ||= HALF.test(key) || (typeof part === 'string' && HALF.test(part));
          return part;
        })
      : JSON.parse(text);
  } catch {
    throw new RequestError(400, 'Bad request', 'The body is not JSON.');
  }
  if (hasHalf) throw halfCharacter('The body');
  return value;
}

async function readBytes(request: Request): Promise<Buffer> {
  const length = Number(request.headers.get('content-length') ?? 0);
  if (length > BODY_BYTES_MAX) throw tooLarge();
  if (!request.body) return Buffer.alloc(0);
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of request.body as unknown as AsyncIterable<Uint8Array>) {
    size += part.length;
    if (size > BODY_BYTES_MAX) throw tooLarge();
    parts.push(part);
  }
  return Buffer.concat(parts);
}

export const tooLarge = (): RequestError =>
  new RequestError(413, 'Body too large', `A body may have ${BODY_BYTES_MAX / 1024} KiB.`);

export function problemResponse(error: unknown): Response {
  const problem = problemOf(error);
  if (problem.status >= 500) services().log.error({ event: 'request_failed', err: error });
  return new Response(JSON.stringify(problem), {
    status: problem.status,
    headers: problemHeaders(error),
  });
}

/** A handler of an operation of the API (lib/api/operations.ts), so that tests can hold each to its schemas. */
export interface OperationHandler extends RoleHandler {
  readonly operation: OperationPath;
}

/** Makes the handler of an operation that answers in JSON: GET, for everybody who may look. */
export function answering<Path extends JsonPath>(
  path: Path,
  answer: (caller: Caller, query: Query<Path>) => Promise<Answer<Path>>,
): OperationHandler {
  const { query } = OPERATIONS[path];
  const get = route({ role: 'viewer', query }, async ({ caller, query: asked }) =>
    json(await answer(caller, asked as Query<Path>)),
  );
  return Object.assign(get, { operation: path });
}

/** A handler of a task of the API (lib/api/tasks.ts), likewise. */
export interface TaskHandler extends RoleHandler {
  readonly task: TaskName;
}

/** Makes the handler of a task, for those who may, of what its schemas let through. */
export function doing<Name extends TaskName>(
  name: Name,
  answer: (asked: Asked<TaskQuery<Name>, TaskBody<Name>>) => Promise<Response>,
): TaskHandler {
  const { role, query = Nothing, body = Nothing }: Task = TASKS[name];
  const run = (asked: Asked<unknown, unknown>): Promise<Response> =>
    answer(asked as Asked<TaskQuery<Name>, TaskBody<Name>>);
  const made = name.startsWith('GET ') ? route({ role, query }, run) : change({ role, query, body }, run);
  return Object.assign(made, { task: name });
}
