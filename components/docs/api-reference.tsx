/** The API to be read: what can be asked, with which parameters, and what is answered. Made of the OpenAPI document. */
import Link from 'next/link';
import type { ReactNode } from 'react';
import {
  HTTP_METHODS,
  type JsonSchema,
  type OpenApiDocument,
  type OperationDocument,
  type Parameter,
} from '../../lib/api/openapi.ts';

type Schemas = OpenApiDocument['components']['schemas'];

export function ApiReference({ document }: { document: OpenApiDocument }) {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    HTTP_METHODS.flatMap((method) => {
      const operation = methods[method];
      return operation ? [{ path, method: method.toUpperCase(), ...operation }] : [];
    }),
  );
  return (
    <div className="mx-auto flex w-full max-w-6xl gap-8 px-4 py-6">
      <nav
        aria-label="Operations"
        className="sticky top-6 h-fit max-h-[calc(100vh-3rem)] w-60 shrink-0 overflow-y-auto max-md:hidden"
      >
        {document.tags.map(({ name }) => (
          <div key={name} className="mb-4">
            <p className="mb-1 font-semibold">{name}</p>
            <ul>
              {operations
                .filter(({ tags }) => tags.includes(name))
                .map(({ operationId, method, path }) => (
                  <li key={operationId}>
                    <a href={`#${operationId}`} className="block truncate py-0.5 text-muted hover:text-ink">
                      {method === 'GET' ? shortPath(path) : `${shortPath(path)} ${method}`}
                    </a>
                  </li>
                ))}
            </ul>
          </div>
        ))}
      </nav>
      <main className="min-w-0 flex-1">
        <h1 className="text-lg font-semibold">API</h1>
        <Introduction document={document} />
        {operations.map((operation) => (
          <Operation key={operation.operationId} operation={operation} schemas={document.components.schemas} />
        ))}
      </main>
    </div>
  );
}

const shortPath = (path: string): string => path.slice('/api/'.length);

function Introduction({ document: { info } }: { document: OpenApiDocument }) {
  return (
    <div className="mt-2 max-w-prose space-y-2 text-muted">
      <p>
        Everything that was recorded, over HTTP. <Words>{info.description}</Words> Times are given in ISO 8601 with an
        offset or in milliseconds since the epoch, and answered in IST.
      </p>
      <p>
        A script brings along a key, made under{' '}
        <Link href="/settings/keys" className="text-ink underline">
          Settings, API keys
        </Link>
        , as <Code>Authorization: Bearer gehra_…</Code>. A page that has more after it gives <Code>next</Code>: send it
        as <Code>cursor</Code> with the same parameters. What cannot be answered says why, and what to ask instead, as
        problem details (RFC 9457).
      </p>
      <p>
        The same for programs:{' '}
        <a href="/api/openapi.json" className="text-ink underline">
          OpenAPI 3.1 document
        </a>
        .
      </p>
    </div>
  );
}

function Operation({
  operation,
  schemas,
}: {
  operation: OperationDocument & { path: string; method: string };
  schemas: Schemas;
}) {
  const { path, method, operationId, summary, description, parameters, requestBody, responses } = operation;
  const answered = responses['200'] ?? responses['201'];
  const answer = answered?.content?.['application/json']?.schema;
  const body = requestBody?.content['application/json']?.schema;
  return (
    <section
      id={operationId}
      aria-labelledby={`${operationId}-title`}
      className="mt-8 scroll-mt-6 border-t border-line pt-5"
    >
      <h2 id={`${operationId}-title`} className="text-[15px] font-semibold">
        {summary}
      </h2>
      <p className="mt-1 break-all font-mono text-[12px]">
        <span className="text-bid">{method}</span> {path}
      </p>
      <p className="mt-2 max-w-prose text-muted">
        <Words>{description}</Words>
      </p>
      {parameters.length > 0 ? <Parameters parameters={parameters} /> : null}
      {body ? (
        <>
          <p className="mt-3 font-medium">Body</p>
          <Fields schema={body} schemas={schemas} />
        </>
      ) : (
        <p className="mt-3 break-all rounded border border-line bg-panel px-3 py-2 font-mono text-[12px] text-muted">
          {exampleOf(path, parameters)}
        </p>
      )}
      {answer ? (
        <details className="mt-3">
          <summary className="cursor-pointer rounded py-1 font-medium">Answer</summary>
          <Fields schema={answer} schemas={schemas} />
        </details>
      ) : (
        <p className="mt-3 text-muted">{plainAnswer(answered)}</p>
      )}
    </section>
  );
}

function plainAnswer(answered: OperationDocument['responses'][string] | undefined): string {
  if (!answered) return 'Answers that it is done.';
  return answered.content?.['text/event-stream'] ? 'Answers with a stream of events.' : 'Answers with bytes.';
}

function Parameters({ parameters }: { parameters: readonly Parameter[] }) {
  return (
    <dl className="mt-3 divide-y divide-line rounded border border-line">
      {parameters.map(({ name, required, description, schema }) => (
        <div key={name} className="gap-x-4 px-3 py-1.5 sm:flex">
          <dt className="w-44 shrink-0 font-mono text-[12px]">
            {name}
            {required ? <span className="ml-2 font-sans text-warn">needed</span> : null}
          </dt>
          <dd className="min-w-0 text-muted">
            <span className="break-words">{typeWords(schema)}</span>
            {schema.default === undefined ? null : (
              <>
                {' '}
                · default <Code>{String(schema.default)}</Code>
              </>
            )}
            {description === undefined ? null : (
              <span className="block">
                <Words>{description}</Words>
              </span>
            )}
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** The members of an object, those within them set in. */
function Fields({ schema, schemas }: { schema: JsonSchema; schemas: Schemas }) {
  return (
    <ul className="ml-1 border-l border-line pl-3">
      {Object.entries(schema.properties ?? {}).map(([name, member]) => {
        const inner = objectWithin(member, schemas);
        const described = resolved(member, schemas);
        return (
          <li key={name} className="py-0.5">
            <span className="font-mono text-[12px]">{name}</span>{' '}
            <span className="text-muted">
              {typeWords(described)}
              {described.default === undefined ? null : ` · default ${String(described.default)}`}
              {described.description === undefined ? null : (
                <>
                  {' · '}
                  <Words>{described.description}</Words>
                </>
              )}
            </span>
            {inner ? <Fields schema={inner} schemas={schemas} /> : null}
          </li>
        );
      })}
    </ul>
  );
}

function resolved(schema: JsonSchema, schemas: Schemas): JsonSchema {
  const { $ref, ...own } = schema;
  if ($ref === undefined) return schema;
  return { ...schemas[$ref.split('/').at(-1) ?? ''], ...own };
}

/** The object that a member is, or that its items or its other form than null are. */
function objectWithin(schema: JsonSchema, schemas: Schemas): JsonSchema | null {
  const known = resolved(schema, schemas);
  if (known.properties) return known;
  if (known.items) return objectWithin(known.items, schemas);
  for (const one of known.anyOf ?? []) {
    const found = objectWithin(one, schemas);
    if (found) return found;
  }
  return null;
}

function typeWords({
  type,
  anyOf,
  enum: choices,
  const: only,
  format,
  items,
  minimum,
  maximum,
  $ref,
}: JsonSchema): string {
  if (only !== undefined) return String(only);
  if (choices) return choices.join(', ');
  if (anyOf) return anyOf.map(typeWords).join(' or ');
  if ($ref !== undefined) return $ref.split('/').at(-1) ?? '';
  if (format === 'date-time') return 'time';
  if (format === 'date') return 'date';
  const words = (typeof type === 'string' ? [type] : (type ?? ['anything'])).join(' or ');
  if (words === 'array') return items ? `list of ${typeWords(items)}` : 'list';
  const range = [minimum, maximum].map((bound) => bound?.toLocaleString('en-IN') ?? '');
  return range.some((bound) => bound !== '') ? `${words} ${range.join(' to ')}`.trim() : words;
}

/** An address with what is needed, and examples in it. */
function exampleOf(path: string, parameters: readonly Parameter[]): string {
  const needed = parameters
    .filter(({ required }) => required)
    .map(({ name, schema }) => `${name}=${exampleValue(name, schema)}`);
  return needed.length === 0 ? path : `${path}?${needed.join('&')}`;
}

function exampleValue(name: string, { examples, enum: choices, format, minimum }: JsonSchema): string {
  if (name === 'to') return encodeURIComponent(format === 'date' ? '2026-11-25' : '2026-11-25T10:15:00+05:30');
  if (format === 'date') return '2026-11-25';
  return encodeURIComponent(String(examples?.[0] ?? choices?.[0] ?? minimum ?? ''));
}

/** Words in which `code` stands between backquotes. */
function Words({ children }: { children: string }) {
  return children.split('`').map((part, i) =>
    // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a text have no other name than their place
    i % 2 === 1 ? <Code key={i}>{part}</Code> : part,
  );
}

const Code = ({ children }: { children: ReactNode }) => (
  <code className="break-all font-mono text-[12px] text-ink">{children}</code>
);
