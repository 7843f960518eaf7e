/** The OpenAPI 3.1 document of the API, made of the schemas that its routes parse and answer by. */
import { z } from 'zod';
import { OPERATIONS, type OperationPath } from './operations.ts';
import { TASKS, type Task, type TaskName } from './tasks.ts';

/** As much of JSON Schema as zod writes. */
export interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly prefixItems?: readonly JsonSchema[];
  readonly anyOf?: readonly JsonSchema[];
  readonly enum?: readonly (string | number)[];
  readonly const?: string | number | boolean;
  readonly format?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
  readonly $ref?: string;
}

export interface Parameter {
  readonly name: string;
  readonly in: 'query';
  readonly required: boolean;
  readonly description?: string;
  readonly schema: JsonSchema;
}

export interface OperationDocument {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary: string;
  readonly description: string;
  readonly parameters: readonly Parameter[];
  /** Of an operation that is told more than an address can hold. */
  readonly requestBody?: { readonly required: true; readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly description: string; readonly content?: Content }>>;
}

export const HTTP_METHODS = ['get', 'post', 'patch', 'delete'] as const;
type HttpMethod = (typeof HTTP_METHODS)[number];

/** By media type. */
type Content = Readonly<Record<string, { readonly schema: JsonSchema }>>;

export interface OpenApiDocument {
  readonly openapi: '3.1.0';
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly tags: readonly { readonly name: string }[];
  readonly security: readonly Readonly<Record<string, readonly string[]>>[];
  readonly paths: Readonly<Record<string, Readonly<Partial<Record<HttpMethod, OperationDocument>>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, JsonSchema>>;
    readonly securitySchemes: Readonly<Record<string, object>>;
  };
}

/** Of the API, not of the program: it goes up when an answer loses or changes something. */
const API_VERSION = '1.0.0';

const TAGS: Readonly<Record<string, string>> = {
  orderflow: 'Order flow',
  depth: 'Depth',
  instruments: 'Instruments',
  signals: 'Signals',
  exports: 'Exports',
  replay: 'Replay',
  imports: 'Imports',
};
/** Of the methods that change something; one that reads has its path's name alone. */
const VERBS: Readonly<Record<Exclude<HttpMethod, 'get'>, string>> = {
  post: 'begin',
  patch: 'change',
  delete: 'delete',
};

const Problem = z.strictObject({
  type: z.literal('about:blank'),
  title: z.string(),
  status: z.int(),
  detail: z.string().meta({ description: 'What was wrong, and what to ask instead' }),
});

/** What every request is refused for. */
const REFUSALS: Readonly<Record<number, string>> = {
  400: 'A parameter or a member is missing, unknown or malformed; `detail` names each',
  401: 'Nobody is signed in, or the key is none',
  429: 'Asked too often, or too much at a time; `retry-after` says when again',
};
/** And every question about market data. */
const DATA_REFUSALS: Readonly<Record<number, string>> = {
  404: 'There is no such instrument',
  413: 'The answer would be too large',
  422: 'The interval is empty or too long',
};
/** And what takes a body. */
const BODY_REFUSALS: Readonly<Record<number, string>> = {
  413: 'The body is too large',
  415: 'The body is no JSON',
};
/** And what changes something, or is not for everybody. */
const NOT_ALLOWED: Readonly<Record<number, string>> = {
  403: 'The caller may only look, or a page of another site asks',
};

/** Made anew at each call. */
export function openApiDocument(): OpenApiDocument {
  const schemas: Record<string, JsonSchema> = { Problem: jsonSchema(Problem, 'output', {}) };
  const paths: Record<string, Partial<Record<HttpMethod, OperationDocument>>> = Object.fromEntries(
    (Object.keys(OPERATIONS) as OperationPath[]).map((path) => [path, { get: operationDocument(path, schemas) }]),
  );
  for (const name of Object.keys(TASKS) as TaskName[]) {
    const [method, path] = splitTask(name);
    paths[path] = { ...paths[path], [method]: taskDocument(name, schemas) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Gehra',
      version: API_VERSION,
      description:
        'Prices are whole numbers in price units (`priceScale` of them make a rupee), quantities are units and not lots, times are receive times. Nothing is carried over a gap in silence.',
    },
    tags: Object.values(TAGS).map((name) => ({ name })),
    security: [{ key: [] }],
    paths,
    components: {
      schemas,
      securitySchemes: {
        key: { type: 'http', scheme: 'bearer', description: 'A key made under Settings, API keys' },
      },
    },
  };
}

function operationDocument(path: OperationPath, schemas: Record<string, JsonSchema>): OperationDocument {
  const { summary, description, query, answer } = OPERATIONS[path];
  const content: Content =
    answer === null
      ? { 'application/octet-stream': { schema: {} } }
      : { 'application/json': { schema: jsonSchema(answer, 'output', schemas) } };
  return {
    operationId: nameOf(path),
    tags: [tagOf(path)],
    summary,
    description,
    parameters: parametersOf(query, schemas),
    responses: { 200: { description: 'The answer', content }, ...problems({ ...REFUSALS, ...DATA_REFUSALS }) },
  };
}

const splitTask = (name: TaskName): [HttpMethod, string] => {
  const [method = '', path = ''] = name.split(' ');
  return [method.toLowerCase() as HttpMethod, path];
};

function taskDocument(name: TaskName, schemas: Record<string, JsonSchema>): OperationDocument {
  const [method, path] = splitTask(name);
  const task: Task = TASKS[name];
  const { summary, description, role, query, body, answer, status, refusals } = task;
  const reads = method === 'get';
  const own = nameOf(path);
  return {
    operationId: reads ? own : `${VERBS[method]}${own[0]?.toUpperCase()}${own.slice(1)}`,
    tags: [tagOf(path)],
    summary,
    description: role === 'owner' ? `${description} Owners alone may ask.` : description,
    parameters: query ? parametersOf(query, schemas) : [],
    ...(body
      ? {
          requestBody: {
            required: true as const,
            content: { 'application/json': { schema: jsonSchema(body, 'input', schemas) } },
          },
        }
      : {}),
    responses: {
      ...(answer === null
        ? { 204: { description: 'Done' } }
        : { [status ?? 200]: { description: 'The answer', content: contentOf(answer, schemas) } }),
      ...problems({
        ...REFUSALS,
        ...(role === 'owner' || !reads ? NOT_ALLOWED : {}),
        ...(body ? BODY_REFUSALS : {}),
        ...refusals,
      }),
    },
  };
}

const contentOf = (answer: z.ZodType | string, schemas: Record<string, JsonSchema>): Content =>
  typeof answer === 'string'
    ? { [answer]: { schema: {} } }
    : { 'application/json': { schema: jsonSchema(answer, 'output', schemas) } };

const nameOf = (path: string): string =>
  path.slice('/api/'.length).replaceAll(/[/-](\w)/g, (_, letter: string) => letter.toUpperCase());

const tagOf = (path: string): string => TAGS[path.split('/')[2] ?? ''] ?? '';

function parametersOf(query: z.ZodObject, schemas: Record<string, JsonSchema>): Parameter[] {
  const { properties = {}, required = [] } = jsonSchema(query, 'input', schemas);
  return Object.entries(properties).map(([name, { description, ...schema }]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    ...(description === undefined ? {} : { description }),
    schema,
  }));
}

function problems(refusals: Readonly<Record<number, string>>): OperationDocument['responses'] {
  const content = { 'application/problem+json': { schema: { $ref: refOf('Problem') } } };
  return Object.fromEntries(
    Object.entries(refusals).map(([status, description]) => [status, { description, content }]),
  );
}

const refOf = (id: string): string => `#/components/schemas/${id}`;

/** JSON Schema of one; those with a name of their own are put into `named` and referred to. */
function jsonSchema(schema: z.ZodType, io: 'input' | 'output', named: Record<string, JsonSchema>): JsonSchema {
  const made = z.toJSONSchema(schema, {
    io,
    override: ({ zodSchema, jsonSchema: json }) => {
      const { def } = zodSchema._zod;
      // Of what is changed when it is read zod leaves the default out.
      if (def.type === 'default') json.default = def.defaultValue;
      // What a number can hold at most, and how a date looks, is no word of ours.
      if (json.minimum === Number.MIN_SAFE_INTEGER) delete json.minimum;
      if (json.maximum === Number.MAX_SAFE_INTEGER) delete json.maximum;
      if (json.format !== undefined) delete json.pattern;
    },
  });
  const text = JSON.stringify(made).replaceAll('#/$defs/', refOf(''));
  const {
    $schema: _,
    $defs = {},
    ...own
  } = JSON.parse(text) as JsonSchema & {
    $schema?: string;
    $defs?: Record<string, JsonSchema>;
  };
  for (const [id, definition] of Object.entries($defs)) named[id] = withoutId(definition);
  return own;
}

function withoutId(definition: JsonSchema): JsonSchema {
  const { id: _, ...rest } = definition as JsonSchema & { id?: string };
  return rest;
}
