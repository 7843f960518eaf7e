import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { encodeTick, MessageReader, SideEncoder } from '../book/messages.ts';
import { AGGRESSOR } from '../core/aggressor.ts';
import { BID, SideLevels } from '../core/side.ts';
import type { Connection } from '../heatmap/page-state.ts';
import type { StreamHandlers } from './depth-stream.ts';
import type { Hello, StreamStatus } from './stream-events.ts';
import { type Follower, StreamHub } from './stream-hub.ts';

/** The server: one sequence of messages for all connections, each of which hears it when the test lets it. */
class Exchange {
  readonly lines: Line[] = [];
  private readonly encoders = new Map<number, SideEncoder>();
  private stampUs = 1_000_000;

  /** A frame of an instrument, on its way to every connection that asks for it. */
  frame(id: number): void {
    this.stampUs += 1000;
    const levels = new SideLevels();
    levels.count = 1;
    levels.prices[0] = 10_000 + this.encoder(id).state.seq;
    levels.quantities[0] = 1 + this.encoder(id).state.seq;
    this.sendAll(id, this.encoder(id).next(levels, this.stampUs, this.stampUs));
  }

  tick(id: number): void {
    this.stampUs += 1000;
    const tick = {
      lastPrice: 1,
      volumeDelta: 1,
      aggressor: AGGRESSOR.buy,
      confidence: 3,
      volume: 1,
      oi: 0,
      previousClose: 0,
    };
    this.sendAll(id, encodeTick({ instrumentId: id, stampUs: this.stampUs, ...tick }));
  }

  snapshot(ids: readonly number[]): Uint8Array {
    const known = ids.filter((id) => this.encoder(id).state.known);
    return joined(known.map((id) => this.encoder(id).whole()));
  }

  private encoder(id: number): SideEncoder {
    let encoder = this.encoders.get(id);
    if (!encoder) {
      encoder = new SideEncoder(id, BID);
      this.encoders.set(id, encoder);
    }
    return encoder;
  }

  private sendAll(id: number, message: Uint8Array): void {
    for (const line of this.lines) if (line.accepted && line.ids.includes(id)) line.underWay.push(message);
  }
}

class Line {
  readonly underWay: Uint8Array[] = [];
  accepted = false;
  stopped = false;
  retried = 0;

  constructor(
    private readonly exchange: Exchange,
    readonly ids: readonly number[],
    private readonly handlers: StreamHandlers,
  ) {}

  start(): void {
    // It begins when the test lets the server accept it.
  }

  retryNow(): void {
    this.retried += 1;
  }

  stop(): void {
    this.stopped = true;
  }

  /** The server takes the request: the snapshot is of now, and goes ahead of what comes. */
  accept(): void {
    this.accepted = true;
    this.underWay.length = 0;
    const snapshot = this.exchange.snapshot(this.ids);
    this.handlers.onHello(HELLO);
    this.handlers.onConnection({ kind: 'open' });
    if (snapshot.length > 0) this.handlers.onMessages(snapshot);
  }

  /** All that is on its way arrives, as one event. */
  arrive(): void {
    const messages = this.underWay.splice(0);
    if (messages.length > 0) this.handlers.onMessages(joined(messages));
  }

  status(): void {
    this.handlers.onStatus({
      serverTimeUs: 1,
      instruments: {},
      feeds: {},
      recorder: { state: 'recording', lagMs: 0 },
      clock: null,
    });
  }

  say(connection: Connection): void {
    if (connection.kind === 'lost') this.accepted = false;
    this.handlers.onConnection(connection);
  }
}

const HELLO: Hello = {
  protocol: 1,
  serverTimeUs: 1,
  heartbeatMs: 1000,
  resumedFromUs: null,
  simulated: true,
  clock: null,
};

function joined(messages: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(messages.flatMap((message) => [...message]));
}

/** A pane: notes each frame by its number, and every side whose base it does not know. */
class Pane implements Follower {
  readonly seqs: number[] = [];
  readonly ticks: number[] = [];
  hellos = 0;
  baseMissing = 0;
  others = 0;
  statuses = 0;
  readonly connections: string[] = [];
  private readonly reader = new MessageReader();

  constructor(readonly instrumentId: number) {}

  onHello(): void {
    this.hellos += 1;
    this.reader.reset();
  }

  onMessages(bytes: Uint8Array): void {
    this.reader.read(bytes, {
      onDepth: (id, { seq }) => {
        if (id === this.instrumentId) this.seqs.push(seq);
        else this.others += 1;
      },
      onTick: ({ stampUs }) => this.ticks.push(stampUs),
      onGap: () => undefined,
      onBaseMissing: () => {
        this.baseMissing += 1;
      },
    });
  }

  onStatus(_status: StreamStatus): void {
    this.statuses += 1;
  }

  onConnection({ kind }: Connection): void {
    this.connections.push(kind);
  }

  /** Every frame from the first one on, once. */
  expectWhole(): void {
    const [first = 0] = this.seqs;
    expect(this.seqs).toEqual(this.seqs.map((_, i) => first + i));
    expect(this.baseMissing).toBe(0);
    expect(this.others).toBe(0);
  }
}

let exchange: Exchange;
let hub: StreamHub;
const line = (n: number): Line => exchange.lines[n] as Line;
const open = (): Line[] => exchange.lines.filter(({ stopped }) => !stopped);

beforeEach(() => {
  vi.useFakeTimers();
  exchange = new Exchange();
  hub = new StreamHub((ids, handlers) => {
    const made = new Line(exchange, ids, handlers);
    exchange.lines.push(made);
    return made;
  });
});
afterEach(() => {
  vi.useRealTimers();
});

/** A hub with one pane of instrument 1 that has heard two frames. */
function withOne(): Pane {
  const pane = new Pane(1);
  hub.follow(pane);
  vi.advanceTimersByTime(50);
  line(0).accept();
  exchange.frame(1);
  exchange.frame(1);
  line(0).arrive();
  return pane;
}

function addOne(id: number): Pane {
  const pane = new Pane(id);
  hub.follow(pane);
  vi.advanceTimersByTime(50);
  return pane;
}

describe('the connection of all panes', () => {
  it('asks once for what several panes show that open together', () => {
    for (const id of [2, 1, 2]) hub.follow(new Pane(id));
    vi.advanceTimersByTime(50);
    expect(exchange.lines.map(({ ids }) => ids)).toEqual([[1, 2]]);
  });

  it('gives each pane its own instrument, and the status', () => {
    const panes = [1, 2].map((id) => new Pane(id));
    for (const pane of panes) hub.follow(pane);
    vi.advanceTimersByTime(50);
    line(0).accept();
    for (const id of [1, 2, 2, 1, 2]) exchange.frame(id);
    line(0).arrive();
    line(0).status();
    expect(panes.map(({ seqs }) => seqs.length)).toEqual([2, 3]);
    for (const pane of panes) {
      pane.expectWhole();
      expect(pane.statuses).toBe(1);
      expect(pane.connections).toEqual(['open']);
    }
  });

  it.each([
    ['the old connection is ahead', [0, 1]],
    ['the new connection is ahead', [1, 0]],
  ])('adds an instrument without losing or doubling what is shown: %s', (_what, order) => {
    const pane = withOne();
    const other = addOne(2);
    // Some of this is on its way in the old connection when the new one's snapshot is made.
    exchange.frame(1);
    line(1).accept();
    exchange.frame(1);
    exchange.tick(1);
    exchange.frame(2);
    for (const n of order) line(n).arrive();
    exchange.frame(1);
    for (const n of order) line(n).arrive();
    expect(line(0).stopped, 'the old connection has ended').toBe(true);
    exchange.frame(1);
    exchange.frame(2);
    line(1).arrive();
    pane.expectWhole();
    other.expectWhole();
    expect(pane.seqs).toHaveLength(6);
    expect(pane.ticks).toHaveLength(1);
    expect(pane.hellos, 'nobody had to begin anew').toBe(1);
    expect(other.seqs).toHaveLength(2);
    expect(open()).toHaveLength(1);
  });

  it('does not hand over while the new connection is behind', () => {
    const pane = withOne();
    addOne(2);
    line(1).accept();
    for (let i = 0; i < 3; i++) exchange.frame(1);
    const late = line(1).underWay.splice(1);
    line(0).arrive();
    line(1).arrive();
    expect(line(0).stopped).toBe(false);
    line(1).underWay.unshift(...late);
    line(1).arrive();
    expect(line(0).stopped).toBe(true);
    exchange.frame(1);
    line(1).arrive();
    pane.expectWhole();
    expect(pane.seqs).toHaveLength(6);
  });

  it('hands over a market in which nothing happens', () => {
    const pane = withOne();
    addOne(2);
    line(1).accept();
    for (let i = 0; i < 2; i++) for (const n of [0, 1]) line(n).status();
    expect(line(0).stopped).toBe(true);
    exchange.frame(1);
    line(1).arrive();
    pane.expectWhole();
    expect(pane.hellos).toBe(1);
  });

  it('begins anew with keyframes where the two cannot be joined', () => {
    const pane = withOne();
    addOne(2);
    line(1).accept();
    exchange.frame(1);
    // The old connection was too slow: a frame was left out for it.
    line(0).underWay.length = 0;
    line(1).arrive();
    exchange.frame(1);
    line(1).arrive();
    vi.advanceTimersByTime(5000);
    expect(line(0).stopped).toBe(true);
    expect(pane.hellos).toBe(2);
    expect(pane.baseMissing).toBe(0);
    expect(pane.seqs.slice(-3)).toEqual([1, 2, 3]);
  });

  it('begins anew when the old connection is lost on the way', () => {
    const pane = withOne();
    addOne(2);
    line(1).accept();
    line(0).say({ kind: 'lost', retryAtMs: null });
    expect(open()).toEqual([line(1)]);
    exchange.frame(1);
    line(1).arrive();
    expect(pane.hellos).toBe(2);
    expect(pane.connections).toEqual(['open', 'lost', 'open']);
    expect(pane.seqs.slice(-2)).toEqual([1, 2]);
    expect(pane.baseMissing).toBe(0);
  });

  it('lets a second pane of the same instrument begin with keyframes', () => {
    const pane = withOne();
    const second = addOne(1);
    line(1).accept();
    exchange.frame(1);
    for (const n of [0, 1]) line(n).arrive();
    exchange.frame(1);
    line(1).arrive();
    pane.expectWhole();
    second.expectWhole();
    expect(second.seqs).toEqual([1, 2, 3]);
    expect(open()).toHaveLength(1);
  });

  it('leaves those alone whose instrument is known when another is refused', () => {
    const pane = withOne();
    const unknown = addOne(999);
    line(1).say({ kind: 'refused', detail: 'No instrument has the id 999.' });
    expect(unknown.connections).toEqual(['refused']);
    expect(pane.connections).toEqual(['open']);
    exchange.frame(1);
    line(0).arrive();
    pane.expectWhole();
    vi.advanceTimersByTime(60_000);
    expect(open(), 'it is not asked for again by itself').toEqual([line(0)]);
  });

  it('asks for less when panes have closed, and ends with the last', () => {
    const pane = withOne();
    const end = hub.follow(new Pane(2));
    vi.advanceTimersByTime(50);
    line(1).accept();
    exchange.frame(1);
    for (const n of [0, 1]) line(n).arrive();
    end();
    vi.advanceTimersByTime(5000);
    expect(line(2).ids).toEqual([1]);
    line(2).accept();
    exchange.frame(1);
    for (const n of [1, 2]) line(n).arrive();
    pane.expectWhole();
    expect(open()).toEqual([line(2)]);
  });

  it('ends with the last pane', () => {
    const end = hub.follow(new Pane(1));
    vi.advanceTimersByTime(50);
    end();
    expect(open()).toEqual([]);
  });

  it('tells every pane of a sign-out, and begins with whoever comes after it', () => {
    const pane = withOne();
    line(0).say({ kind: 'signed_out' });
    expect(pane.connections.at(-1)).toBe('signed_out');
    const later = addOne(1);
    line(1).accept();
    exchange.frame(1);
    line(1).arrive();
    for (const each of [pane, later]) {
      expect(each.connections.at(-1)).toBe('open');
      expect(each.baseMissing).toBe(0);
    }
    expect(open()).toEqual([line(1)]);
  });

  it('passes the wish to try again on to a connection that is lost', () => {
    const pane = withOne();
    line(0).say({ kind: 'lost', retryAtMs: 1 });
    hub.retryNow(pane);
    expect(line(0).retried).toBe(1);
  });
});
