/** The API's document has everything of market data that can be asked in it, as the routes themselves have it. */
import { beforeAll, describe, expect, it } from 'vitest';
import { openApiDocument } from '../../lib/api/openapi.ts';
import { OPERATIONS, type OperationPath } from '../../lib/api/operations.ts';
import type { OperationHandler } from '../../lib/services/route.ts';
import { type ApiRoute, apiRoutes } from '../support/api-routes.ts';

const MARKET_DATA = /^\/api\/(orderflow|depth|instruments|signals)(\/|$)/;
const document = openApiDocument();

let routes: ApiRoute[];
beforeAll(async () => {
  routes = (await apiRoutes()).filter(({ method, path }) => method === 'GET' && MARKET_DATA.test(path));
});

describe('the document', () => {
  it('has every route of market data that can be asked, by its file, and no other', () => {
    expect(routes.length).toBeGreaterThan(20);
    expect(Object.keys(document.paths).sort()).toEqual(routes.map(({ path }) => path).sort());
  });

  it('describes what each route is made with', () => {
    for (const { path, handler } of routes) {
      const { answer } = OPERATIONS[path as OperationPath];
      // Bytes are answered by a handler of their own.
      if (answer !== null) expect((handler as unknown as OperationHandler).operation, path).toBe(path);
    }
  });

  it('names each operation once, and refers to nothing that is not there', () => {
    const ids = Object.values(document.paths).map(({ get }) => get.operationId);
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
    const { parameters } = document.paths['/api/orderflow/footprint']?.get ?? { parameters: [] };
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
    const answer = document.paths['/api/orderflow/cvd']?.get.responses['200']?.content['application/json']?.schema;
    expect(answer).toMatchObject({ type: 'object', additionalProperties: false });
    expect(answer?.properties?.points?.items?.properties?.time).toEqual({ type: 'string', format: 'date-time' });
    expect(answer?.properties?.points?.items?.required).toContain('coverage');
  });

  it('says in words what everything is', () => {
    for (const [path, { get }] of Object.entries(document.paths)) {
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
