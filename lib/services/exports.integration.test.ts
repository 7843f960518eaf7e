/** Exports as people and scripts ask for them: who may, what is refused, and the download. */
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import pg from 'pg';
import pino from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { HEAD } from '../../app/api/exports/file/route.ts';
import { GET as watching } from '../../app/api/exports/stream/route.ts';
import { World } from '../../tests/people/world.ts';
import { newDataFolder } from '../../tests/support/data-folder.ts';
import { OPEN_US, SLUG, type StoredMarket, storeMarket } from '../../tests/support/stored-market.ts';
import { signedIn, type Visitor } from '../../tests/support/visitor.ts';
import { runExport } from '../../workers/jobs/exports.ts';
import { ExportsAnswer } from '../api/exports.ts';
import type { ExportEstimate } from '../core/exports.ts';
import { exportFile, exportsFolder } from '../export/files.ts';
import { services } from './context.ts';

const log = pino({ level: 'silent' });
const dataDir = newDataFolder();
let world: World;
let market: StoredMarket;
let owner: Visitor;
let viewer: Visitor;

beforeAll(async () => {
  world = await World.begin({ GEHRA_DATA_DIR: dataDir });
  const client = new pg.Client({ connectionString: world.databaseUrl });
  await client.connect();
  market = await storeMarket(client, {
    frames: 200,
    frameUs: 300_000,
    levels: 20,
    ticks: 300,
    tickUs: 200_000,
    withGap: true,
  });
  await client.end();
  owner = await signedIn('Asha');
  viewer = await signedIn('Vik');
});
afterAll(async () => {
  await world.stop();
  rmSync(dataDir, { recursive: true, force: true });
});
beforeEach(async () => {
  world.calm();
  await services().db.query('DELETE FROM gehra.exports');
});

const iso = (us: number): string => new Date(us / 1000).toISOString();
const VALID = { instrument: SLUG, kind: 'ticks', format: 'csv', from: iso(OPEN_US), to: iso(OPEN_US + 60_000_000) };

async function begun(changes: object = {}): Promise<number> {
  const answer = await owner.ask('POST', '/api/exports', { body: { ...VALID, to: iso(market.toUs), ...changes } });
  expect(answer.status).toBe(200);
  return ((await answer.json()) as { id: number }).id;
}

/** Begins one, and does the worker's part. */
async function finished(changes: object = {}): Promise<number> {
  const id = await begun(changes);
  await runExport(services().config, log, id, true, new AbortController().signal);
  return id;
}

const listOf = async (who: Visitor): Promise<z.output<typeof ExportsAnswer>> =>
  ExportsAnswer.parse(await (await who.ask('GET', '/api/exports')).json());
const download = (who: Visitor, id: number, headers: Record<string, string> = {}): Promise<Response> =>
  who.ask('GET', `/api/exports/file?id=${id}`, { headers });

describe('who may', () => {
  it('an owner begins, cancels and deletes; a viewer sees and downloads', async () => {
    const id = await finished();
    for (const [method, at, body] of [
      ['POST', '/api/exports', VALID],
      ['POST', '/api/exports/cancel', { id }],
      ['DELETE', '/api/exports', { id }],
    ] as const) {
      expect((await viewer.ask(method, at, { body })).status, `${method} ${at}`).toBe(403);
    }
    expect((await viewer.ask('GET', `/api/exports/estimate?${new URLSearchParams(VALID)}`)).status).toBe(403);
    const { exports, keepDays } = await listOf(viewer);
    expect(keepDays).toBe(7);
    expect(exports).toMatchObject([{ id, who: 'Asha', state: 'done', instrument: SLUG, progress: 1, rows: 300 }]);
    const answer = await download(viewer, id);
    expect(answer.status).toBe(200);
    expect(await answer.text()).toBe(readFileSync(exportFile(dataDir, id, 'csv', 'data'), 'utf8'));
  });

  it('nobody who is not known gets a file', async () => {
    const id = await finished();
    const { Visitor } = await import('../../tests/support/visitor.ts');
    expect((await download(new Visitor(), id)).status).toBe(401);
  });
});

it.each([true, [5], '5', '0x10', ' 7 ', null, 1.5, 0, 2 ** 53])('no export has the id %j', async (id) => {
  for (const [method, at] of [
    ['POST', '/api/exports/cancel'],
    ['DELETE', '/api/exports'],
  ] as const) {
    const answer = await owner.ask(method, at, { body: { id } });
    expect(answer.status).toBe(400);
    expect(await answer.text()).toMatch(/id/);
  }
});

describe('asking', () => {
  it.each([
    ['reversed', { from: VALID.to, to: VALID.from }, 422, /later than/],
    ['empty', { to: VALID.from }, 422, /later than/],
    ['too long', { to: iso(OPEN_US + 32 * 86_400_000_000) }, 422, /31 days/],
    ['in the future', { from: '2099-01-01T00:00:00Z', to: '2099-01-02T00:00:00Z' }, 422, /future/],
    ['without an offset', { from: '2026-11-25T09:15:00' }, 400, /from: no instant/],
    ['a number', { from: 1_795_578_300_000 }, 400, /from/],
    ['of nothing', { kind: 'orders' }, 400, /kind/],
    ['as nothing', { format: 'xlsx' }, 400, /format/],
    ['events as CSV', { kind: 'hftbacktest' }, 422, /cannot be had as csv/],
    ['ticks as events', { format: 'npy' }, 422, /cannot be had as npy/],
    ['by a feed that has nothing of it', { feed: 'kite-ticks-3' }, 422, /Nothing is stored/],
    ['of depth by a feed of ticks', { kind: 'depth_sides', feed: 'kite-ticks-1' }, 422, /Nothing is stored/],
    ['bars without a length', { kind: 'bars' }, 422, /interval/],
    ['bars of a week', { kind: 'bars', interval: '1w' }, 400, /interval/],
    ['ticks with a length', { interval: '1m' }, 422, /interval/],
    ['another feed', { feed: '../../etc/passwd' }, 400, /feed/],
    ['an unknown instrument', { instrument: 'NFO:NOTHING' }, 404, /no instrument NFO:NOTHING/],
    ['SQL', { instrument: "NFO:X'; DROP TABLE gehra.exports; --" }, 404, /no instrument/],
    ['a path', { instrument: '../../../etc/passwd' }, 404, /no instrument/],
    ['a file of its own', { file: '/etc/passwd' }, 400, /file/],
    [
      'before anything was stored',
      { from: '2020-01-01T00:00:00Z', to: '2020-01-02T00:00:00Z' },
      422,
      /Nothing is stored/,
    ],
  ] as const)('is refused: %s', async (_what, changes, status, words) => {
    const answer = await owner.ask('POST', '/api/exports', { body: { ...VALID, ...changes } });
    const problem = (await answer.json()) as { status: number; detail: string };
    expect([answer.status, answer.headers.get('content-type')]).toEqual([status, 'application/problem+json']);
    expect(problem).toMatchObject({ status, detail: expect.stringMatching(words) });
    expect((await listOf(owner)).exports).toEqual([]);
  });

  it('is refused where the file would be too large, or the disk too full, with the way out', async () => {
    const context = services();
    const { config } = context;
    const answerWith = async (bytesMax: number): Promise<Response> => {
      Object.assign(context, { config: { ...config, exports: { ...config.exports, bytesMax } } });
      return owner.ask('POST', '/api/exports', { body: { ...VALID, kind: 'depth_levels' } });
    };
    try {
      const answer = await answerWith(1000);
      expect(answer.status).toBe(413);
      expect(await answer.json()).toMatchObject({
        detail: expect.stringMatching(/EXPORT_BYTES_MAX.*shorter interval/),
      });
      expect((await answerWith(1e12)).status).toBe(200);
    } finally {
      Object.assign(context, { config });
    }
  });

  it('is refused when twenty wait or run', async () => {
    for (let i = 0; i < 20; i += 1) await begun();
    const answer = await owner.ask('POST', '/api/exports', { body: VALID });
    expect(answer.status).toBe(429);
    const [newest] = (await listOf(owner)).exports;
    expect((await owner.ask('POST', '/api/exports/cancel', { body: { id: newest?.id } })).status).toBe(204);
    await begun();
  });

  it('says before why it would be refused', async () => {
    const query = { ...VALID, from: VALID.to, to: VALID.from };
    const answer = await owner.ask('GET', `/api/exports/estimate?${new URLSearchParams(query)}`);
    expect([answer.status, ((await answer.json()) as ExportEstimate).refusal]).toEqual([
      200,
      '`to` must be later than `from`.',
    ]);
  });

  it.each([
    ['ticks', 'csv'],
    ['ticks', 'parquet'],
    ['depth_levels', 'csv'],
    ['depth_levels', 'ndjson'],
    ['depth_sides', 'csv'],
  ] as const)('says before about how large %s as %s will be', async (kind, format) => {
    const query = { ...VALID, to: iso(market.toUs), kind, format };
    const estimate = (await (
      await owner.ask('GET', `/api/exports/estimate?${new URLSearchParams(query)}`)
    ).json()) as ExportEstimate;
    const id = await finished({ kind, format });
    const { exports } = await listOf(owner);
    const [{ rows, bytes } = { rows: 0, bytes: 0 }] = exports.filter((one) => one.id === id);
    // An interval as short as this one is counted; how long a row is depends on its numbers.
    expect(estimate.rows / rows).toBeGreaterThan(0.95);
    expect(estimate.rows / rows).toBeLessThan(1.05);
    expect(estimate.bytes / bytes).toBeGreaterThan(0.5);
    expect(estimate.bytes / bytes).toBeLessThan(3);
    expect(estimate).toMatchObject({ refusal: null, bytesMax: services().config.exports.bytesMax });
  });
});

describe('the download', () => {
  it('gives the file with what a browser needs to know', async () => {
    const id = await finished({ kind: 'depth_sides' });
    const file = exportFile(dataDir, id, 'csv', 'data');
    const answer = await download(owner, id);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'accept-ranges': 'bytes',
      'content-length': String(statSync(file).size),
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition':
        'attachment; filename="NFO_NIFTY26DECFUT-depth_sides-20261125T034500Z-20261125T034600Z.csv"',
      'cache-control': 'private, no-cache, no-transform',
      etag: expect.stringMatching(/^"[^"]+"$/),
    });
    expect(Buffer.from(await answer.arrayBuffer())).toEqual(readFileSync(file));
    const about = await owner.ask('GET', `/api/exports/file?id=${id}&part=about`);
    expect(about.headers.get('content-disposition')).toMatch(/-depth_sides-.*\.about\.json"$/);
    expect(await about.json()).toMatchObject({ what: 'depth_sides', gaps: [{ cause: 'network' }] });
  });

  it.each([
    ['bytes=0-99', 0, 99],
    ['bytes=100-', 100, -1],
    ['bytes=-7', -7, -1],
    ['bytes=5-999999999', 5, -1],
    ['bytes=-999999999', 0, -1],
  ])('gives the range %s', async (range, first, last) => {
    const id = await finished();
    const bytes = readFileSync(exportFile(dataDir, id, 'csv', 'data'));
    const from = first < 0 ? bytes.length + first : first;
    const to = last < 0 ? bytes.length + last : last;
    const answer = await download(owner, id, { range });
    expect(answer.status).toBe(206);
    expect(answer.headers.get('content-range')).toBe(`bytes ${from}-${to}/${bytes.length}`);
    expect(answer.headers.get('content-length')).toBe(String(to - from + 1));
    expect(Buffer.from(await answer.arrayBuffer())).toEqual(bytes.subarray(from, to + 1));
  });

  it('refuses a range that lies behind the file, and gives all of it for what is no single range', async () => {
    const id = await finished();
    const { length } = readFileSync(exportFile(dataDir, id, 'csv', 'data'));
    const behind = await download(owner, id, { range: `bytes=${length}-` });
    expect([behind.status, behind.headers.get('content-range')]).toEqual([416, `bytes */${length}`]);
    expect(await behind.json()).toMatchObject({ status: 416 });
    expect((await download(owner, id, { range: 'bytes=-0' })).status).toBe(416);
    for (const range of ['bytes=0-1,5-6', 'bytes=9-3', 'lines=0-1', 'bytes=a-b', 'bytes=-']) {
      const answer = await download(owner, id, { range });
      expect([answer.status, (await answer.arrayBuffer()).byteLength], range).toEqual([200, length]);
    }
  });

  it('goes on only with the file that was begun with (If-Range)', async () => {
    const id = await finished();
    const whole = await download(owner, id);
    const etag = whole.headers.get('etag') as string;
    const modified = whole.headers.get('last-modified') as string;
    await whole.body?.cancel();
    const status = async (ifRange: string): Promise<number> => {
      const answer = await download(owner, id, { range: 'bytes=0-9', 'if-range': ifRange });
      await answer.body?.cancel();
      return answer.status;
    };
    expect(await status(etag)).toBe(206);
    expect(await status(modified)).toBe(206);
    expect(await status('"another"')).toBe(200);
    expect(await status(`W/${etag}`)).toBe(200);
    expect(await status('Wed, 25 Nov 2020 00:00:00 GMT')).toBe(200);
  });

  it('answers HEAD with the same headers and nothing else', async () => {
    const id = await finished();
    const whole = await download(owner, id);
    const cookie = [...owner.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const head = await HEAD(
      new Request(`${owner.origin}/api/exports/file?id=${id}`, { method: 'HEAD', headers: { cookie } }),
    );
    expect(head.status).toBe(200);
    expect(Object.fromEntries(head.headers)).toEqual(Object.fromEntries(whole.headers));
    expect(await head.text()).toBe('');
    await whole.body?.cancel();
  });

  it.each([
    '../../etc/passwd',
    '1/../../secret',
    '%2e%2e%2f1',
    '1.csv',
    '1%00',
    '-1',
    '0',
    '1e400',
    'NaN',
    '',
    '9999999999999999999',
  ])('takes no path for an export: %s', async (id) => {
    await finished();
    writeFileSync(path.join(dataDir, 'secret'), 'x');
    const answer = await owner.ask('GET', `/api/exports/file?id=${id}`);
    expect([400, 404]).toContain(answer.status);
    const part = await owner.ask('GET', `/api/exports/file?id=1&part=${encodeURIComponent('../../secret')}`);
    expect(part.status).toBe(400);
  });

  it('says what there is no file of', async () => {
    const id = await begun();
    expect((await download(owner, id)).status).toBe(409);
    expect((await download(owner, 999_999)).status).toBe(404);
    const gone = await finished();
    rmSync(exportsFolder(dataDir), { recursive: true });
    const answer = await download(owner, gone);
    expect(answer.status).toBe(404);
    expect(await answer.json()).toMatchObject({ detail: expect.stringMatching(/not in the data folder/) });
  });
});

describe('ending', () => {
  it('deletes the file with its row, but not while it is downloaded or written', async () => {
    const id = await finished();
    const file = exportFile(dataDir, id, 'csv', 'data');
    const answer = await download(viewer, id);
    const refused = await owner.ask('DELETE', '/api/exports', { body: { id } });
    expect(refused.status).toBe(409);
    expect(await refused.json()).toMatchObject({ detail: expect.stringMatching(/downloading/) });
    expect((await answer.text()).length).toBe(statSync(file).size);
    await services().db.query(`UPDATE gehra.exports SET read_until = now() - interval '1 s'`);
    expect((await owner.ask('DELETE', '/api/exports', { body: { id } })).status).toBe(204);
    expect(() => statSync(file)).toThrow(/ENOENT/);
    expect((await owner.ask('DELETE', '/api/exports', { body: { id } })).status).toBe(404);

    const waiting = await begun();
    expect((await owner.ask('DELETE', '/api/exports', { body: { id: waiting } })).status).toBe(409);
    expect((await owner.ask('POST', '/api/exports/cancel', { body: { id: waiting } })).status).toBe(204);
    expect((await owner.ask('POST', '/api/exports/cancel', { body: { id: waiting } })).status).toBe(409);
    expect((await owner.ask('DELETE', '/api/exports', { body: { id: waiting } })).status).toBe(204);
  });
});

describe('the events', () => {
  it('tell the list at once and whenever it is another', async () => {
    const answer = await viewer.ask('GET', '/api/exports/stream');
    expect(answer.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    const reader = (answer.body as ReadableStream<Uint8Array>).getReader();
    let text = '';
    const readUntil = async (word: RegExp): Promise<void> => {
      while (!word.test(text)) {
        const { value, done } = await reader.read();
        expect(done).toBe(false);
        text += new TextDecoder().decode(value);
      }
    };
    await readUntil(/event: exports\ndata: {"exports":\[\],"keepDays":7}\n\n/);
    const id = await finished();
    await readUntil(new RegExp(`"id":${id},.*"state":"done"`));
    await reader.cancel();
  });

  it('keep no place for who asks for the head alone, or has left before the first one', async () => {
    const headers = {
      host: new URL(viewer.origin).host,
      'x-gehra-address': viewer.address,
      'x-gehra-origin': viewer.origin,
      cookie: [...viewer.cookies].map(([name, value]) => `${name}=${value}`).join('; '),
    };
    const ask = (method: 'GET' | 'HEAD', signal: AbortSignal): Promise<Response> =>
      watching(new Request(`${viewer.origin}/api/exports/stream`, { method, headers, signal }));
    for (let i = 0; i < 51; i += 1) {
      const leaving = new AbortController();
      const asked = ask('GET', leaving.signal);
      leaving.abort();
      expect((await asked).status).toBe(200);
      expect((await ask('HEAD', new AbortController().signal)).status).toBe(200);
    }
    const staying = await ask('GET', new AbortController().signal);
    expect(staying.status).toBe(200);
    await staying.body?.cancel();
  });

  it('end for whom nothing is told any more', async () => {
    const leaving = await signedIn('Vik');
    const answer = await leaving.ask('GET', '/api/exports/stream');
    await services().db.query(
      'DELETE FROM gehra.sessions WHERE person_id = (SELECT person_id FROM gehra.people WHERE name = $1)',
      ['Vik'],
    );
    const text = await answer.text();
    expect(text).toMatch(/event: auth\ndata: {"reason":"signed_out"}\n\n$/);
    viewer = await signedIn('Vik');
  });
});
