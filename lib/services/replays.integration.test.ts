/** Replays as people open them, over a session that was recorded as live ones are. */
import { createServer, get, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { createParser, type EventSourceMessage } from 'eventsource-parser';
import pino from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it, vi } from 'vitest';
import { DEPTH200, NIFTY, type Recorded, recordSession, SECOND_US, START_US } from '../../tests/support/recorded.ts';
import { demoCaller, startTestServices } from '../../tests/support/services.ts';
import { ChangedReplay, NewReplay } from '../api/replays.ts';
import { type GapMessage, MessageReader, type TickMessage } from '../book/messages.ts';
import type { ReplayClockEvent } from '../core/replay-clock.ts';
import { ASK, BID } from '../core/side.ts';
import { JournalCursor } from '../journal/reader.ts';
import { JournalDamageError } from '../journal/sealed-file.ts';
import { journalEntries } from '../replay/journal.ts';
import type { Caller } from './access.ts';
import { services } from './context.ts';
import { problemOf } from './errors.ts';
import { replaySessions, stopReplays } from './replay-sessions.ts';
import { serveReplayStream } from './replay-stream.ts';
import { changeReplay, createReplay, endReplay, replays } from './replays.ts';
import { StreamGate } from './stream-gate.ts';

const log = pino({ level: 'silent' });
const SECONDS = 24;
const END_US = START_US + SECONDS * SECOND_US;
const at = (second: number): string => String((START_US + second * SECOND_US) / 1000);
const until = <T>(condition: () => T | Promise<T>): Promise<T> =>
  vi.waitFor(condition, { timeout: 30_000, interval: 20 });

let recorded: Recorded;
let stopServices: () => Promise<void>;
let caller: Caller;
let gate: StreamGate;
let http: Server;
const listeners: Listener[] = [];

beforeAll(async () => {
  recorded = await recordSession(inject('postgresUrl'), SECONDS);
  ({ stop: stopServices } = await startTestServices(recorded.databaseUrl, log, { GEHRA_DATA_DIR: recorded.dataDir }));
  caller = await demoCaller();
});
afterAll(async () => {
  await stopServices();
  await recorded.stop();
});
beforeEach(async () => {
  gate = new StreamGate(log);
  http = createServer((request, response) => {
    serveReplayStream(gate, request, response).catch((error: unknown) => {
      const problem = problemOf(error);
      response.writeHead(problem.status).end(JSON.stringify(problem));
    });
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  for (const listener of listeners.splice(0)) listener.close();
  await stopReplays();
  gate.stop();
  http.closeAllConnections();
  await new Promise((resolve) => http.close(resolve));
});

const create = (body: object) =>
  createReplay(caller, NewReplay.parse({ instruments: [NIFTY.id], from: at(0), to: at(SECONDS), ...body }));
const change = (body: object) => changeReplay(caller, ChangedReplay.parse(body));

/** A browser, as far as messages go. */
class Listener {
  readonly reader = new MessageReader();
  readonly hellos: { clock: ReplayClockEvent; instruments: unknown[] }[] = [];
  readonly gaps: GapMessage[] = [];
  readonly ticks: TickMessage[] = [];
  clock: ReplayClockEvent | null = null;
  frames = 0;
  private readonly request: ReturnType<typeof get>;

  constructor(id: string) {
    const { port } = http.address() as AddressInfo;
    const parser = createParser({ onEvent: (event) => this.take(event) });
    this.request = get({
      host: '127.0.0.1',
      port,
      path: `/api/replay/stream?id=${id}`,
      headers: { host: `127.0.0.1:${port}` },
    });
    this.request.on('response', (response) => {
      response.setEncoding('utf8').on('data', (text: string) => parser.feed(text));
      response.on('error', () => undefined);
    });
    this.request.on('error', () => undefined);
    listeners.push(this);
  }

  close(): void {
    this.request.destroy();
  }

  /** Prices and quantities of both sides as they stand. */
  book(): unknown {
    return ([BID, ASK] as const).map((side) => {
      const { known, levels } = this.reader.side(NIFTY.id, side);
      return known && [levels.count, ...levels.prices.subarray(0, 5), ...levels.quantities.subarray(0, levels.count)];
    });
  }

  private take({ event, data }: EventSourceMessage): void {
    if (event === 'hello') {
      const hello = JSON.parse(data) as Listener['hellos'][number];
      this.hellos.push(hello);
      this.clock = hello.clock;
      this.reader.reset();
    } else if (event === 'status') {
      this.clock = (JSON.parse(data) as { clock: ReplayClockEvent }).clock;
    } else if (event === undefined) {
      this.reader.read(Buffer.from(data, 'base64'), {
        onDepth: (_, { levels }) => {
          // The first tick comes before the first frame of the depth feed, and has five levels to show until then.
          if (levels.count > 5) this.frames += 1;
        },
        onTick: (tick) => void this.ticks.push({ ...tick }),
        onGap: (gap) => void this.gaps.push(gap),
        onBaseMissing: () => {
          throw new Error('a delta without its base');
        },
      });
    }
  }
}

async function listen(id: string): Promise<Listener> {
  const listener = new Listener(id);
  await until(() => expect(listener.hellos.length).toBeGreaterThan(0));
  return listener;
}

/** The book as stored last before an instant, in the form of `Listener.book`. */
async function storedBook(beforeUs: number): Promise<unknown> {
  return Promise.all(
    [BID, ASK].map(async (side) => {
      const { rows } = await services().db.query<{ prices: number[]; quantities: number[] }>(
        `SELECT prices, quantities FROM gehra.depth_snapshots
         WHERE side = $1 AND time < to_timestamp($2::bigint / 1e6) ORDER BY time DESC LIMIT 1`,
        [side, beforeUs],
      );
      const [{ prices, quantities } = { prices: [], quantities: [] }] = rows;
      return [prices.length, ...prices.slice(0, 5), ...quantities];
    }),
  );
}

describe('a replay', () => {
  it.each(['journal', 'database'] as const)(
    'from the %s brings what was recorded, gaps as gaps, to its end',
    async (source) => {
      const replay = await create({ source, speed: 100, playing: false });
      expect(replay.clock).toMatchObject({ source, timeUs: START_US, playing: false, ended: false, speed: 100 });
      const listener = await listen(replay.id);
      expect(listener.hellos[0]).toMatchObject({ protocol: 1, instruments: [{ slug: 'NFO:NIFTY26DECFUT' }] });
      await change({ id: replay.id, playing: true });
      await until(() => expect(listener.clock?.ended).toBe(true));
      await until(async () => expect(listener.book()).toEqual(await storedBook(END_US)));
      const { rows } = await services().db.query<{ sides: number; from_us: number; to_us: number; trades: number }>(
        `SELECT (SELECT count(*)::integer FROM gehra.depth_snapshots) AS sides,
         (SELECT count(*)::integer FROM gehra.ticks WHERE volume_delta > 0) AS trades,
         (extract(epoch FROM from_time) * 1e6)::bigint AS from_us, (extract(epoch FROM to_time) * 1e6)::bigint AS to_us
       FROM gehra.feed_gaps WHERE feed_id = 31`,
      );
      const [stored] = rows;
      expect(listener.frames).toBe(stored?.sides);
      expect(listener.ticks.filter(({ volumeDelta }) => volumeDelta > 0)).toHaveLength(stored?.trades ?? -1);
      expect(listener.gaps.at(-1)).toMatchObject({
        fromUs: stored?.from_us,
        toUs: stored?.to_us,
        cause: 'disconnected',
      });
    },
  );

  it('pauses, steps and is sent elsewhere; every time has one picture', async () => {
    const { id } = await create({ playing: false });
    const listener = await listen(id);
    expect(listener.book()).toEqual([false, false]);
    expect((await change({ id, step: 'second' })).clock.timeUs).toBe(START_US + SECOND_US);
    const stepped = await change({ id, step: 'frame' });
    expect(stepped.clock.timeUs).toBeGreaterThan(START_US + SECOND_US);
    expect(stepped.clock.playing).toBe(false);
    await until(async () => expect(listener.book()).toEqual(await storedBook(stepped.clock.timeUs + 1)));
    for (const second of [18, 4, 20]) {
      const { clock } = await change({ id, seek: at(second) });
      expect(clock).toMatchObject({ timeUs: START_US + second * SECOND_US, playing: false });
      await until(() => expect(listener.hellos.at(-1)?.clock.epoch).toBe(clock.epoch));
      await until(async () => expect(listener.book()).toEqual(await storedBook(START_US + second * SECOND_US)));
    }
  });

  it('is its own: two at once do not meet', async () => {
    const [one, two] = [await create({ playing: false }), await create({ playing: false })];
    const [first, second] = [await listen(one.id), await listen(two.id)];
    await change({ id: one.id, seek: at(20) });
    await change({ id: two.id, speed: 100, playing: true });
    await until(() => expect(second.clock?.ended).toBe(true));
    expect(first.clock).toMatchObject({ timeUs: START_US + 20 * SECOND_US, ended: false, speed: 1 });
    expect((await replays(caller, {})).replays.map(({ id }) => id).sort()).toEqual([one.id, two.id].sort());
    await endReplay(caller, { id: one.id });
    expect((await replays(caller, {})).replays.map(({ id }) => id)).toEqual([two.id]);
  });

  it('stands still while nobody listens, and ends after a minute of it', async () => {
    const { id } = await create({ speed: 1 });
    const session = replaySessions().find(id, 'demo');
    if (!session) throw new Error('the session is there');
    await until(() => expect(session.player.playing).toBe(false));
    const { timeUs } = session.clock;
    expect(session.clock.playing, 'to who will listen').toBe(true);
    expect(session.look(session.idleSinceMs as number)).toBe(true);
    expect(session.look((session.idleSinceMs as number) + 59_999)).toBe(true);
    expect(session.look((session.idleSinceMs as number) + 60_000)).toBe(false);
    const listener = await listen(id);
    await until(() => expect(listener.clock?.timeUs).toBeGreaterThan(timeUs + SECOND_US / 2));
    expect(session.idleSinceMs).toBeNull();
  });

  it('is nobody else’s, and there are not too many', async () => {
    const { id } = await create({ playing: false });
    expect(replaySessions().find(id, 'person 5')).toBeNull();
    for (let i = 0; i < 3; i += 1) await create({ playing: false });
    await expect(create({ playing: false })).rejects.toMatchObject({
      status: 429,
      message: expect.stringMatching(/4 replays open/),
    });
  });
});

it('lets live streams have their turns while it goes through the journal', async () => {
  const source = journalEntries(path.join(recorded.dataDir, 'journal'), DEPTH200, {
    fromUs: START_US,
    toUs: END_US,
    instrumentIds: null,
  });
  let turns = 0;
  let reading = true;
  const count = (): void => {
    turns += 1;
    if (reading) setImmediate(count);
  };
  setImmediate(count);
  let entries = 0;
  for await (const batch of source) entries += batch.length;
  reading = false;
  expect(entries).toBeGreaterThan(64);
  expect(turns).toBeGreaterThanOrEqual(Math.floor(entries / 64));
});

describe('what is no replay', () => {
  it.each([
    ['reversed', { from: at(5), to: at(4) }, 422],
    ['of the future', { from: String(Date.UTC(2090, 0, 1)), to: undefined }, 422],
    ['too long', { from: at(-30 * 3600), to: at(0) }, 422],
    ['of an unknown instrument', { instruments: [999_999] }, 404],
    ['of a time when nothing was recorded', { from: at(-7200), to: at(-3600) }, 404],
  ])('%s is refused', async (_, body, status) => {
    await expect(create(body)).rejects.toMatchObject({ status });
  });

  it.each([
    [{ instruments: [] }, /instruments/],
    [{ instruments: ['NFO:NIFTY'] }, /instruments/],
    [{ instruments: [1], from: 'yesterday' }, /from/],
    [{ instruments: [1], from: at(0), speed: 0.1 }, /speed/],
    [{ instruments: [1], from: at(0), speed: Number.NaN }, /speed/],
    [{ instruments: [1], from: at(0), source: 'moon' }, /source/],
    [{ instruments: [1], from: at(0), x: 1 }, /x/],
  ])('%j has a wrong form', (body, message) => {
    expect(NewReplay.safeParse(body).error?.message).toMatch(message);
  });

  it('what the journal is too damaged for is refused, and keeps no place', async () => {
    vi.spyOn(JournalCursor.prototype, 'next').mockRejectedValueOnce(new JournalDamageError('block 3 is damaged'));
    await expect(create({ source: 'journal', playing: false })).rejects.toMatchObject({
      status: 422,
      message: expect.stringMatching(/`source` `database`/),
    });
    expect((await replays(caller, {})).replays).toEqual([]);
  });

  it('cannot be changed into', async () => {
    const { id } = await create({ playing: false });
    await expect(change({ id, seek: at(SECONDS + 5) })).rejects.toMatchObject({ status: 422 });
    await expect(change({ id: 'f'.repeat(24), playing: true })).rejects.toMatchObject({ status: 404 });
    expect(ChangedReplay.safeParse({ id }).success).toBe(false);
    expect(ChangedReplay.safeParse({ id, speed: 101 }).success).toBe(false);
    expect(ChangedReplay.safeParse({ id, step: 'back' }).success).toBe(false);
  });
});
