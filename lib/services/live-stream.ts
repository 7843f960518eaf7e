/** `GET /api/stream`: one browser's live stream. docs/STREAM.md describes it. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import type { Config } from '../config/config.ts';
import { wallClockUs } from '../obs/clock.ts';
import { requireCaller } from './access.ts';
import { RequestError } from './errors.ts';
import { summariesOf } from './instruments.ts';
import { type LiveHub, STATUS_MS } from './live-hub.ts';
import { headersOf } from './request-facts.ts';
import { mustNotBeForeign, parseQuery } from './route.ts';
import { POSITION } from './signal-tap.ts';
import { startEventStream } from './stream-clients.ts';
import type { StreamGate } from './stream-gate.ts';

export const STREAM_PATH = '/api/stream';
export const PROTOCOL = 1;
/** A page shows one instrument, an overview some tens. */
const INSTRUMENTS_MAX = 50;
/** The browser waits this long before it connects again. */
export const RECONNECT_MS = 1000;

const StreamQuery = z.strictObject({
  instruments: z
    .string()
    .regex(/^\d{1,9}(,\d{1,9})*$/, 'a list of instrument ids, 1,2,3')
    .transform((text) => [...new Set(text.split(',').map(Number))])
    .refine((ids) => ids.length <= INSTRUMENTS_MAX, `at most ${INSTRUMENTS_MAX} instruments`),
  /** Signals of all instruments too: from now on, or behind a position. */
  signals: z
    .string()
    .refine((text) => text === 'new' || POSITION.test(text), '`new`, or the position of a signal event')
    .optional(),
});

/**
 * Answers with the stream until one side ends it.
 *
 * @throws RequestError before anything was written: a stream that cannot be is an answer of its own
 */
export async function serveStream(
  hub: LiveHub,
  gate: StreamGate,
  config: Config,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const headers = headersOf(request);
  const caller = await requireCaller(headers, 'viewer');
  mustNotBeForeign(headers);
  const { searchParams } = new URL(request.url ?? '/', 'http://localhost');
  const { instruments: ids, signals } = parseQuery(StreamQuery, searchParams);
  const instruments = await summariesOf(caller, ids);
  const unknown = ids.filter((id) => !instruments.some((summary) => summary.id === id));
  if (unknown.length > 0)
    throw new RequestError(400, 'Unknown instrument', `No instrument has the id ${unknown.join(', ')}.`);

  const leave = gate.enter(caller, headers);
  const socket = startEventStream(response);
  if (!socket) {
    leave();
    return;
  }
  const hello = {
    protocol: PROTOCOL,
    serverTimeUs: wallClockUs(),
    heartbeatMs: STATUS_MS,
    resumedFromUs: resumedFrom(request.headers['last-event-id']),
    simulated: config.simulated,
    instruments,
  };
  const remove = hub.clients.add(
    socket,
    ids,
    `retry: ${RECONNECT_MS}\nevent: hello\ndata: ${JSON.stringify(hello)}\n\n`,
  );
  const lastId = request.headers['last-event-id'];
  const after = signalsAfter(lastId) ?? (signals === 'new' ? null : (signals ?? null));
  const endSignals = signals === undefined ? undefined : hub.signals?.add(socket, after);
  gate.watch(caller, socket);
  socket.on('close', () => {
    remove();
    endSignals?.();
    leave();
  });
}

/** Up to which signal a browser had all of them, by the id of the last event it got; null where it says none. */
function signalsAfter(lastEventId: string | string[] | undefined): string | null {
  const position = typeof lastEventId === 'string' ? (lastEventId.split('~')[1] ?? '') : '';
  return POSITION.test(position) ? position : null;
}

/** The stamp up to which a browser had everything, by the id of the last event it got; null where it says none. */
function resumedFrom(lastEventId: string | string[] | undefined): number | null {
  const feeds = typeof lastEventId === 'string' ? (lastEventId.split('~')[0] ?? '') : '';
  if (!/^[0-9a-z]+\.[0-9a-z]{1,11}(-[0-9a-z]+\.[0-9a-z]{1,11})*$/.test(feeds)) return null;
  const stamps = feeds.split('-').map((part) => Number.parseInt(part.slice(part.indexOf('.') + 1), 36));
  const known = stamps.filter((stampUs) => stampUs > 0);
  return known.length > 0 ? Math.min(...known) : null;
}
