/** The API's document has everything of market data that can be asked in it, as the routes themselves have it. */
import { beforeAll, describe, expect, it } from 'vitest';
import { HTTP_METHODS, openApiDocument } from '../../lib/api/openapi.ts';
import { OPERATIONS, type OperationPath } from '../../lib/api/operations.ts';
import { TASKS, type TaskName } from '../../lib/api/tasks.ts';
import type { OperationHandler, TaskHandler } from '../../lib/services/route.ts';
import { type ApiRoute, apiRoutes } from '../support/api-routes.ts';

const MARKET_DATA = /^\/api\/(orderflow|depth|instruments|signals(?!\/(rules|backtests)))(\/|$)/;
const TASK_PATHS = /^\/api\/(exports|replay|imports|signals\/(rules|backtests))(\/|$)/;
const document = openApiDocument();
/** Every operation of the document, by method and path: `GET /api/exports`. */
const operations = new Map(
  Object.entries(document.paths).flatMap(([path, methods]) =>
    HTTP_METHODS.flatMap((method) => {
      const operation = methods[method];
      return operation ? [[`${method.toUpperCase()} ${path}`, operation] as const] : [];
    }),
  ),
);

let routes: ApiRoute[];
let tasks: ApiRoute[];
beforeAll(async () => {
  const all = await apiRoutes();
  routes = all.filter(({ method, path }) => method === 'GET' && MARKET_DATA.test(path));
  tasks = all.filter(({ path }) => TASK_PATHS.test(path));
});

describe('the document', () => {
  it('has every route of market data that can be asked, by its file, and no other', () => {
    expect(routes.length).toBeGreaterThan(20);
    const told = Object.keys(document.paths).filter((path) => MARKET_DATA.test(path));
    expect(told.sort()).toEqual(routes.map(({ path }) => path).sort());
  });

  it('has every method of every route of exports, replays, imports, rules and backtests, by its file, and no other', () => {
    expect(tasks.length).toBeGreaterThan(10);
    const told = [...operations.keys()].filter((name) => TASK_PATHS.test(name.split(' ')[1] ?? ''));
    expect(told.sort()).toEqual(tasks.map(({ method, path }) => `${method} ${path}`).sort());
    expect(told.length + routes.length).toBe(operations.size);
  });

  it('has of each of them the schemas and the role that its route is made with', () => {
    for (const { method, path, role, handler } of tasks) {
      const name = `${method} ${path}` as TaskName;
      expect((handler as unknown as TaskHandler).task).toBe(name);
      expect(role, name).toBe(TASKS[name].role);
    }
  });

  it('says of each body what must be in it, and what it is refused for', () => {
    const begin = operations.get('POST /api/exports');
    expect(begin?.requestBody?.content['application/json']?.schema).toMatchObject({
      type: 'object',
      additionalProperties: false,
      required: ['instrument', 'kind', 'format', 'from', 'to'],
      properties: { format: { enum: ['csv', 'ndjson', 'parquet', 'npy'] }, from: { type: 'string' } },
    });
    expect(Object.keys(begin?.responses ?? {})).toEqual('200 400 401 403 404 413 415 422 429'.split(' '));
    const open = operations.get('POST /api/replay');
    expect(open?.requestBody?.content['application/json']?.schema.properties).toMatchObject({
      instruments: { type: 'array', items: { type: 'integer', minimum: 1 }, minItems: 1, maxItems: 10 },
      speed: { type: 'number', minimum: 0.25, maximum: 100, default: 1 },
    });
    expect(open?.responses).toHaveProperty('201');
    expect(operations.get('DELETE /api/replay')?.responses['204']).toEqual({ description: 'Done' });
    for (const [name, { requestBody }] of operations) {
      expect(requestBody !== undefined, name).toBe(!name.startsWith('GET '));
    }
  });

  it('describes what each route is made with', () => {
    for (const { path, handler } of routes) {
      const { answer } = OPERATIONS[path as OperationPath];
      // Bytes are answered by a handler of their own.
      if (answer !== null) expect((handler as unknown as OperationHandler).operation, path).toBe(path);
    }
  });

  it('names each operation once, and refers to nothing that is not there', () => {
    const ids = [...operations.values()].map(({ operationId }) => operationId);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.every((id) => /^[a-z][A-Za-z]+$/.test(id))).toBe(true);
    const text = JSON.stringify(document);
    const refs = [...text.matchAll(/"\$ref":"([^"]+)"/g)].map(([, ref]) => ref as string);
    expect(refs.length).toBeGreaterThan(10);
    for (const ref of new Set(refs)) {
      expect(ref).toMatch(/^#\/components\/schemas\/\w+$/);
      expect(document.components.schemas, ref).toHaveProperty(ref.split('/').at(-1) as string);
    }
    expect(text).not.toContain('$defs');
  });

  it('says of each parameter whether it is needed, its type and its default', () => {
    const { parameters } = operations.get('GET /api/orderflow/footprint') ?? { parameters: [] };
    const byName = new Map(parameters.map((one) => [one.name, one]));
    expect(parameters.filter(({ required }) => required).map(({ name }) => name)).toEqual(['instrument', 'from', 'to']);
    expect(byName.get('interval')?.schema).toMatchObject({ type: 'string', default: '5m' });
    expect(byName.get('row_ticks')).toMatchObject({
      required: false,
      schema: { type: 'integer', minimum: 1, default: 1 },
    });
    expect(byName.get('instrument')?.description).toBe('`EXCHANGE:SYMBOL`');
  });

  it('describes answers with nothing but what they hold', () => {
    const answer = operations.get('GET /api/orderflow/cvd')?.responses['200']?.content?.['application/json']?.schema;
    expect(answer).toMatchObject({ type: 'object', additionalProperties: false });
    expect(answer?.properties?.points?.items?.properties?.time).toEqual({ type: 'string', format: 'date-time' });
    expect(answer?.properties?.points?.items?.required).toContain('coverage');
  });

  it('says in words what everything is', () => {
    for (const [path, get] of operations) {
      expect(get.summary, path).toMatch(/^[A-Z].{3}/);
      expect(get.summary, path).not.toMatch(/\.$/);
      expect(get.description, path).toMatch(/\.$/);
      expect(
        get.tags.every((tag) => document.tags.some(({ name }) => name === tag)),
        path,
      ).toBe(true);
    }
  });
});
