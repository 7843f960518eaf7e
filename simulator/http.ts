/** Small answers over HTTP. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';

/** Requests of the brokers' clients and of tests are small. */
const BODY_BYTES_MAX = 1024 * 1024;

/** A request that cannot be answered as asked; the text goes to the caller. */
export class BadRequest extends Error {
  override readonly name = 'BadRequest';

  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

/** The official Kite client parses a CSV only where the type is exactly this, without a charset. */
export function sendCsv(request: IncomingMessage, response: ServerResponse, text: string): void {
  if (/\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''))) {
    response.writeHead(200, { 'content-type': 'text/csv', 'content-encoding': 'gzip' });
    response.end(gzipSync(text));
    return;
  }
  response.writeHead(200, { 'content-type': 'text/csv' });
  response.end(text);
}

/** Reads a body whole. @throws BadRequest where it is too large. */
export async function readBody(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > BODY_BYTES_MAX) throw new BadRequest(413, `a body has at most ${BODY_BYTES_MAX} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

/** Reads a JSON body; an empty one is an empty object. @throws BadRequest where it is no JSON. */
export async function readJson(request: IncomingMessage): Promise<unknown> {
  const text = await readBody(request);
  if (text === '') return {};
  try {
    return JSON.parse(text);
  } catch {
    throw new BadRequest(400, 'the body is not JSON');
  }
}
