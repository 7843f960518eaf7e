/** `GET /api/replay/stream`: the stream of a replay, which is the live one with a clock. docs/STREAM.md describes it. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { OneReplay } from '../api/replays.ts';
import { requireCaller } from './access.ts';
import { RECONNECT_MS } from './live-stream.ts';
import { sessionOf } from './replays.ts';
import { headersOf } from './request-facts.ts';
import { parseQuery } from './route.ts';
import { startEventStream } from './stream-clients.ts';
import type { StreamGate } from './stream-gate.ts';

/**
 * Answers with the stream until one side ends it.
 *
 * @throws RequestError before anything was written
 */
export async function serveReplayStream(
  gate: StreamGate,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const headers = headersOf(request);
  const caller = await requireCaller(headers, 'viewer');
  const { searchParams } = new URL(request.url ?? '/', 'http://localhost');
  const session = sessionOf(caller, parseQuery(OneReplay, searchParams).id);
  const leave = gate.enter(caller, headers);
  const socket = startEventStream(response);
  if (!socket) {
    leave();
    return;
  }
  const remove = session.clients.add(socket, session.instrumentIds, `retry: ${RECONNECT_MS}\n${session.hello()}`);
  session.noteListener();
  gate.watch(caller, socket);
  socket.on('close', () => {
    remove();
    leave();
  });
}
