/**
 * A TCP proxy that spoils what passes through it, as Toxiproxy does: late, slow, in small pieces, cut after so many bytes,
 * held back, reset, or not there at all.
 */
import { createServer, connect as dial, type Server, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort, LOOPBACK } from '../../scripts/instance/ports.ts';
import { Random } from '../../simulator/market/random.ts';

export interface Toxic {
  /** Every piece comes so much later, ms, and up to `jitterMs` more; order stays. */
  readonly latencyMs?: number;
  readonly jitterMs?: number;
  /** Each way of each connection. */
  readonly bytesPerSecond?: number;
  /** Pieces of at most so many bytes, each written by itself. */
  readonly sliceBytes?: number;
  /** A connection is reset after so many bytes from the server. */
  readonly limitBytes?: number;
  /** Nothing passes, either way; what came meanwhile passes afterwards. */
  readonly held?: boolean;
}

/** A way holds so much before its source is no longer read. */
const HELD_BYTES_MAX = 1024 * 1024;
const MS_PER_S = 1000;

export class TcpProxy {
  #toxic: Toxic = {};
  #server: Server | undefined;
  readonly #pairs = new Set<Pair>();
  readonly #released = new Bell();

  private constructor(
    readonly port: number,
    private readonly targetPort: number,
    readonly random: Random,
  ) {}

  static async start(targetPort: number, seed = 1): Promise<TcpProxy> {
    const proxy = new TcpProxy(await freePort(), targetPort, new Random(seed, targetPort));
    await proxy.up();
    return proxy;
  }

  get toxic(): Toxic {
    return this.#toxic;
  }

  get connections(): number {
    return this.#pairs.size;
  }

  /** Works on open connections as well as on new ones; `{}` ends it. */
  spoil(toxic: Toxic): void {
    this.#toxic = toxic;
    if (toxic.held) return;
    this.#released.ring();
  }

  /** Resolves when nothing is held back. */
  async pass(): Promise<void> {
    while (this.#toxic.held) await this.#released.next();
  }

  /** Cuts every connection with an RST on both sides. */
  reset(): void {
    for (const pair of this.#pairs) pair.reset();
  }

  /** Refuses connections until `up`, and resets those that are open. */
  async down(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    this.reset();
    if (server) await new Promise((resolve) => server.close(resolve));
  }

  async up(): Promise<void> {
    const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => this.#take(client));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(this.port, LOOPBACK, resolve);
    });
    this.#server = server;
  }

  async stop(): Promise<void> {
    this.spoil({});
    await this.down();
  }

  #take(client: Socket): void {
    const upstream = dial({ host: LOOPBACK, port: this.targetPort, allowHalfOpen: true, noDelay: true });
    const pair = new Pair(this, client, upstream, () => this.#pairs.delete(pair));
    this.#pairs.add(pair);
  }
}

/** Wakes who waits for it. */
class Bell {
  private waiting: (() => void)[] = [];

  next(): Promise<void> {
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  ring(): void {
    for (const wake of this.waiting.splice(0)) wake();
  }
}

/** A connection of a client and the one made for it to the server. */
class Pair {
  private gone = false;

  constructor(
    proxy: TcpProxy,
    private readonly client: Socket,
    private readonly upstream: Socket,
    private readonly onGone: () => void,
  ) {
    for (const socket of [client, upstream]) {
      // Whatever end of it breaks, the other shall know.
      socket.on('error', () => this.reset());
      socket.on('close', () => {
        if (client.destroyed && upstream.destroyed) this.forget();
        else if (socket.errored) this.reset();
      });
    }
    void pour(proxy, client, upstream, () => undefined);
    let passed = 0;
    void pour(proxy, upstream, client, (bytes) => {
      passed += bytes;
      const { limitBytes } = proxy.toxic;
      if (limitBytes !== undefined && passed > limitBytes) this.reset();
    });
  }

  reset(): void {
    for (const socket of [this.client, this.upstream]) {
      if (socket.destroyed) continue;
      if (socket.connecting) socket.destroy();
      else socket.resetAndDestroy();
    }
    this.forget();
  }

  private forget(): void {
    if (this.gone) return;
    this.gone = true;
    this.onGone();
  }
}

/** One way of a connection: what comes from `source` goes to `sink`, spoilt. */
async function pour(proxy: TcpProxy, source: Socket, sink: Socket, onPassed: (bytes: number) => void): Promise<void> {
  const queue: { readonly bytes: Buffer; readonly dueMs: number }[] = [];
  let held = 0;
  let ended = false;
  let lastDueMs = 0;
  const arrival = new Bell();
  const wake = (): void => arrival.ring();
  source.on('data', (bytes: Buffer) => {
    const { latencyMs = 0, jitterMs = 0 } = proxy.toxic;
    lastDueMs = Math.max(lastDueMs, performance.now() + latencyMs + proxy.random.uniform() * jitterMs);
    queue.push({ bytes, dueMs: lastDueMs });
    held += bytes.length;
    if (held > HELD_BYTES_MAX) source.pause();
    wake();
  });
  source.on('end', () => {
    ended = true;
    wake();
  });
  source.on('close', wake);
  sink.on('close', wake);

  for (;;) {
    const next = queue.shift();
    if (sink.destroyed) return;
    if (!next) {
      if (ended) sink.end();
      if (ended || source.destroyed) return;
      await arrival.next();
      continue;
    }
    await proxy.pass();
    const waitMs = next.dueMs - performance.now();
    if (waitMs > 1) await delay(waitMs);
    for (const piece of pieces(next.bytes, proxy.toxic)) {
      const { bytesPerSecond } = proxy.toxic;
      if (bytesPerSecond !== undefined) await delay((piece.length / bytesPerSecond) * MS_PER_S);
      if (sink.destroyed) return;
      if (!sink.write(piece)) await drained(sink);
      onPassed(piece.length);
    }
    held -= next.bytes.length;
    if (held <= HELD_BYTES_MAX && source.isPaused()) source.resume();
  }
}

function* pieces(bytes: Buffer, { sliceBytes, bytesPerSecond }: Toxic): Generator<Buffer> {
  // A tenth of a second's worth, or a slow line would swallow a large piece at once.
  const size =
    sliceBytes ?? (bytesPerSecond === undefined ? bytes.length : Math.max(1, Math.ceil(bytesPerSecond / 10)));
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

const drained = (socket: Socket): Promise<void> =>
  new Promise((resolve) => {
    socket.once('drain', resolve);
    socket.once('close', () => resolve());
  });
