/** The OpenAPI 3.1 document of the market data API, made of the schemas that its routes parse and answer by. */
import { z } from 'zod';
import { OPERATIONS, type OperationPath } from './operations.ts';

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
  readonly responses: Readonly<Record<string, { readonly description: string; readonly content: Content }>>;
}

/** By media type. */
type Content = Readonly<Record<string, { readonly schema: JsonSchema }>>;

export interface OpenApiDocument {
  readonly openapi: '3.1.0';
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly tags: readonly { readonly name: string }[];
  readonly security: readonly Readonly<Record<string, readonly string[]>>[];
  readonly paths: Readonly<Record<string, { readonly get: OperationDocument }>>;
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
};

const Problem = z.strictObject({
  type: z.literal('about:blank'),
  title: z.string(),
  status: z.int(),
  detail: z.string().meta({ description: 'What was wrong, and what to ask instead' }),
});

const REFUSALS: Readonly<Record<number, string>> = {
  400: 'A parameter is missing, unknown or malformed; `detail` names each',
  401: 'Nobody is signed in, or the key is none',
  404: 'There is no such instrument',
  413: 'The answer would be too large',
  422: 'The interval is empty or too long',
  429: 'Asked too often; `retry-after` says when again',
};

/** Made anew at each call. */
export function openApiDocument(): OpenApiDocument {
  const schemas: Record<string, JsonSchema> = { Problem: jsonSchema(Problem, 'output', {}) };
  const paths = Object.fromEntries(
    (Object.keys(OPERATIONS) as OperationPath[]).map((path) => [path, { get: operationDocument(path, schemas) }]),
  );
  return {
    openapi: '3.1.0',
    info: {
      title: 'Gehra market data',
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
  const { properties = {}, required = [] } = jsonSchema(query, 'input', schemas);
  const content: Content =
    answer === null
      ? { 'application/octet-stream': { schema: {} } }
      : { 'application/json': { schema: jsonSchema(answer, 'output', schemas) } };
  const problem = { 'application/problem+json': { schema: { $ref: refOf('Problem') } } };
  return {
    operationId: path.slice('/api/'.length).replaceAll(/[/-](\w)/g, (_, letter: string) => letter.toUpperCase()),
    tags: [TAGS[path.split('/')[2] ?? ''] ?? ''],
    summary,
    description,
    parameters: Object.entries(properties).map(([name, { description: words, ...schema }]) => ({
      name,
      in: 'query',
      required: required.includes(name),
      ...(words === undefined ? {} : { description: words }),
      schema,
    })),
    responses: {
      200: { description: 'The answer', content },
      ...Object.fromEntries(
        Object.entries(REFUSALS).map(([status, words]) => [status, { description: words, content: problem }]),
      ),
    },
  };
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
