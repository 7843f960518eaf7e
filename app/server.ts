/**
 * The web process. Next.js answers everything but four paths: the streams, live and replayed, which written straight to the
 * socket cost a third of what they cost through a route handler's web streams, readiness, which speaks of this very process, and
 * the text for who has found a fault, in a folder that Next.js would not look into.
 */
import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import path from 'node:path';
import next from 'next';
import { preparePasswords } from '../lib/auth/password.ts';
import { type Config, ConfigError } from '../lib/config/config.ts';
import { monotonicMs } from '../lib/obs/clock.ts';
import { run } from '../lib/obs/run.ts';
import { keepPublishing } from '../lib/queue/metrics.ts';
import { connectBlockingRedis } from '../lib/queue/redis.ts';
import { refuseForgetfulRedis } from '../lib/queue/redis-facts.ts';
import { StreamReader } from '../lib/queue/streams.ts';
import { callerOf } from '../lib/services/access.ts';
import { ANSWER_POLICY, NONCE_HEADER, pagePolicy } from '../lib/services/content-policy.ts';
import { services, startServices } from '../lib/services/context.ts';
import { problemHeaders, problemOf, RequestError } from '../lib/services/errors.ts';
import { LENGTH_HEADER } from '../lib/services/export-files.ts';
import { readiness } from '../lib/services/health.ts';
import { countAddress } from '../lib/services/limits.ts';
import { HUB_BLOCK_MS, LiveHub } from '../lib/services/live-hub.ts';
import { STREAM_PATH, serveStream } from '../lib/services/live-stream.ts';
import { stopReplays } from '../lib/services/replay-sessions.ts';
import { serveReplayStream } from '../lib/services/replay-stream.ts';
import { REPLAY_STREAM_PATH } from '../lib/services/replays.ts';
import { addressOf, headersOf, ownOrigin, stampRequest } from '../lib/services/request-facts.ts';
import { BODY_BYTES_MAX, tooLarge } from '../lib/services/route.ts';
import { SECURITY_TEXT_PATH, securityText } from '../lib/services/security-text.ts';
import { SignalTap, TAP_BLOCK_MS } from '../lib/services/signal-tap.ts';
import { StreamGate } from '../lib/services/stream-gate.ts';
import { countAnswer } from '../lib/services/web-metrics.ts';

/** The folder of this build, which has .next beside app/server.js: another build may be made while this one runs. */
const BUILD_DIR = path.resolve(import.meta.dirname, '..');
/** Who says half of a request and then nothing is let go. Streams have said all of theirs. */
const TIMES = { headersTimeout: 10_000, requestTimeout: 20_000, connectionsCheckingInterval: 5000 };
const READY_PATH = '/api/health/ready';
const EXPORT_FILE_PATH = '/api/exports/file';
/** Requests of one connection that wait for their answers. Browsers send none before the last one is answered. */
const WAITING_MAX = 16;

await run('web', async ({ config, log, onStop }) => {
  if (!config.authSecret) throw new ConfigError('AUTH_SECRET is not set: take the output of openssl rand -hex 32.');
  await refuseForgetfulRedis(config, log);
  onStop(startServices(config, log));
  await preparePasswords();
  const blocking = connectBlockingRedis(config.redisUrl, log, HUB_BLOCK_MS);
  onStop(() => blocking.disconnect());
  const { redis } = services();
  onStop(keepPublishing(redis, () => 'web', log));
  const blockingSignals = connectBlockingRedis(config.redisUrl, log, TAP_BLOCK_MS);
  onStop(() => blockingSignals.disconnect());
  const tap = new SignalTap(blockingSignals, redis, log);
  tap.start();
  const hub = new LiveHub(new StreamReader(blocking, redis), redis, log, tap);
  hub.start();
  const gate = new StreamGate(log);
  onStop(() => gate.stop());

  const app = next({ dev: false, dir: BUILD_DIR, hostname: config.host, port: config.port });
  await app.prepare();
  onStop(() => app.close());
  const handlePage = app.getRequestHandler();

  const securityHeaders = headersFor(config);
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    for (const [name, value] of securityHeaders) response.setHeader(name, value);
    stampRequest(config, request);
    const headers = headersOf(request);
    await countAddress(addressOf(headers));
    mustHaveAnAddress(request, headers);
    boundBody(request);
    const path = decodedPath(request);
    mustBeAMethodOf(path, request.method ?? '');
    if (path === STREAM_PATH && request.method === 'GET') await serveStream(hub, gate, config, request, response);
    else if (path === REPLAY_STREAM_PATH && request.method === 'GET') await serveReplayStream(gate, request, response);
    else if (path === READY_PATH && request.method === 'GET') {
      const { ready, dependencies } = await readiness();
      if (!ready) log.warn({ event: 'not_ready', dependencies });
      // How many streams are open is no secret, and shows whether closed tabs are let go. Why something does not answer is.
      const body = {
        status: ready ? 'ready' : 'not ready',
        streamClients: hub.clients.count,
        ...((await isKnown(headers)) ? { dependencies } : {}),
      };
      sendJson(response, ready ? 200 : 503, { 'content-type': 'application/json', 'cache-control': 'no-store' }, body);
    } else if (path === SECURITY_TEXT_PATH && request.method === 'GET') {
      const text = securityText(config.securityContact, ownOrigin(headers), services().nowMs());
      response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' }).end(text);
    } else {
      if (path === EXPORT_FILE_PATH) putBackLength(response);
      if (!path.startsWith('/api/') && !path.startsWith('/_next/')) limitPage(request, response);
      await handlePage(request, response);
    }
  };
  const server = createServer(TIMES, (request, response) => {
    const beganMs = monotonicMs();
    // Streams never finish: they end with their sockets.
    response.once('finish', () => countAnswer(response.statusCode, monotonicMs() - beganMs));
    if (!mayWait(request.socket, response)) {
      request.socket.destroy();
      return;
    }
    answer(request, response).catch((error: unknown) => {
      if (!(error instanceof RequestError)) log.error({ event: 'request_failed', err: error });
      if (response.headersSent) response.destroy();
      else {
        const problem = problemOf(error);
        // What is left of a body that was not read is nobody's next request, nor is what stands behind an address that is none.
        if (!request.complete || problem.status === 400) response.setHeader('connection', 'close');
        sendJson(response, problem.status, problemHeaders(error), problem);
      }
    });
  });
  // Nothing here speaks WebSocket. Next.js takes such requests for its development server's and keeps them for ever.
  server.on('upgrade', (_request, socket) => socket.destroy());
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(config.port, config.host, resolve);
  });
  onStop(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  );
  // First of all at the end: its streams would keep the server from closing.
  onStop(() => hub.stop());
  onStop(() => tap.stop());
  onStop(stopReplays);
  const { port } = server.address() as { port: number };
  return `http://${config.host}:${port}`;
});

/** Whether somebody asks who may know more. While the database is away nobody can be known by it. */
const isKnown = (headers: Headers): Promise<boolean> =>
  callerOf(headers).then(
    (caller) => caller !== null,
    () => false,
  );

/** What every answer says to the browser that shows it. */
function headersFor({ appUrl }: Config): [string, string][] {
  return [
    ['x-content-type-options', 'nosniff'],
    ['x-frame-options', 'DENY'],
    ['content-security-policy', ANSWER_POLICY],
    ['referrer-policy', 'same-origin'],
    ['cross-origin-opener-policy', 'same-origin'],
    ['cross-origin-resource-policy', 'same-origin'],
    ['permissions-policy', 'camera=(), geolocation=(), microphone=(), payment=(), usb=()'],
    ...(appUrl.startsWith('https:')
      ? [['strict-transport-security', 'max-age=31536000; includeSubDomains'] as [string, string]]
      : []),
  ];
}

/** Gives a page its policy, and Next.js and the page the nonce that their scripts have to carry. */
function limitPage(request: IncomingMessage, response: ServerResponse): void {
  const nonce = randomBytes(16).toString('base64');
  const policy = pagePolicy(nonce);
  response.setHeader('content-security-policy', policy);
  // Next.js reads the nonce of its own scripts out of this one.
  request.headers['content-security-policy'] = policy;
  request.headers[NONCE_HEADER] = nonce;
}

/** @throws RequestError where it is not told which server is asked: a proxy's way of asking, no host at all, or two of them */
function mustHaveAnAddress({ url = '', rawHeaders }: IncomingMessage, headers: Headers): void {
  const hosts = rawHeaders.filter((name, i) => i % 2 === 0 && name.toLowerCase() === 'host').length;
  if (url.startsWith('/') && hosts <= 1 && ownOrigin(headers) !== '') return;
  throw new RequestError(400, 'Bad address', 'The request names no host, more than one, or none that can be.');
}

/** Ends a request whose body is too long, as soon as that is known: Next.js would keep all of it before a handler looks. @throws RequestError 413 where it says so itself */
function boundBody(request: IncomingMessage): void {
  if (Number(request.headers['content-length'] ?? 0) > BODY_BYTES_MAX) throw tooLarge();
  const push = request.push.bind(request);
  let size = 0;
  request.push = (chunk: Buffer | null, encoding?: BufferEncoding): boolean => {
    size += chunk?.length ?? 0;
    if (size <= BODY_BYTES_MAX) return push(chunk, encoding);
    request.destroy();
    return false;
  };
}

const waiting = new WeakMap<Socket, number>();

/** Whether the connection may have one more request waiting for its answer. Behind a stream they wait until its end. */
function mayWait(socket: Socket, response: ServerResponse): boolean {
  const count = (waiting.get(socket) ?? 0) + 1;
  if (count > WAITING_MAX) return false;
  waiting.set(socket, count);
  response.once('close', () => waiting.set(socket, (waiting.get(socket) ?? 1) - 1));
  return true;
}

/** Tells the length of a body that a route has told in LENGTH_HEADER: Next.js lets through no content-length of a route. */
function putBackLength(response: ServerResponse): void {
  const writeHead = response.writeHead;
  response.writeHead = (...args: unknown[]): ServerResponse => {
    const length = response.getHeader(LENGTH_HEADER);
    if (length !== undefined) {
      response.removeHeader(LENGTH_HEADER);
      response.setHeader('content-length', length);
    }
    return Reflect.apply(writeHead, response, args);
  };
}

/** @throws RequestError for an address that stands for no text: pages would fail over it. */
function decodedPath(request: IncomingMessage): string {
  const [path = '/'] = (request.url ?? '/').split('?', 1);
  try {
    return decodeURIComponent(path);
  } catch {
    throw new RequestError(400, 'Bad address', 'The address has a percent sign that begins no character.');
  }
}

/**
 * Pages are read, and what an API route does not know it refuses itself. Next.js would answer a page to any method, and run
 * server actions, of which there are none.
 *
 * @throws RequestError 405
 */
function mustBeAMethodOf(path: string, method: string): void {
  const isApi = path.startsWith('/api/');
  if (isApi ? !['TRACE', 'TRACK', 'CONNECT'].includes(method) : ['GET', 'HEAD'].includes(method)) return;
  throw new RequestError(
    405,
    'Wrong method',
    isApi ? 'This method is not known here.' : 'A page is asked for with GET.',
  );
}

function sendJson(response: ServerResponse, status: number, headers: Record<string, string>, body: object): void {
  response.writeHead(status, headers);
  response.end(JSON.stringify(body));
}
