/**
 * One connection to the live stream for all that follow it. It asks for the instruments of all of them. When others come to
 * follow, a second connection is opened that asks for theirs too; those who were there hear the old one until the new one can
 * be joined to it without a seam (handover.ts), and who is new begins with the new one's keyframes.
 */
import { eachMessage } from '../book/messages.ts';
import type { Connection } from '../heatmap/page-state.ts';
import type { StreamHandlers } from './depth-stream.ts';
import { Handover } from './handover.ts';
import type { Hello, SignalEvent, StreamStatus } from './stream-events.ts';

/** Who follows one instrument: what a stream of its own would have told it. */
export interface Follower extends StreamHandlers {
  readonly instrumentId: number;
}

export interface HubStream {
  start(): void;
  retryNow(): void;
  stop(): void;
}

/** Those that come and go within this time are one change, ms. */
const GATHER_MS = 40;
/** Instruments that nobody follows any more are left out after this long, ms: a page that is opened may ask for them. */
const SHRINK_MS = 5000;
/** Where the seam is not found for so long, those who were there begin anew with keyframes, ms. */
const HANDOVER_MS = 5000;
/** So many statuses of each connection without a message in either: there is nothing of either on its way. */
const STATUSES_SURE = 2;

/** Signals held for who comes to follow while their rows may not be stored yet. */
const SIGNALS_HELD = 500;

interface Line {
  readonly ids: ReadonlySet<number>;
  readonly stream: HubStream;
  /** Null before its hello. */
  hello: Hello | null;
  /** The first event after a hello is the snapshot. */
  snapshotDue: boolean;
  lost: boolean;
  /** It has given up: nothing comes of it before it is told to try again. */
  over: boolean;
}

/** A second connection on its way to take the first one's place. */
interface Successor {
  readonly line: Line;
  handover: Handover;
  /** All that it has delivered since its hello, for those who must begin anew with it. */
  events: Uint8Array[];
  /** Statuses since the last message of either. */
  quietOld: number;
  quietNew: number;
  deadline: ReturnType<typeof setTimeout> | undefined;
}

export class StreamHub {
  /** Null: it waits for a connection that knows its instrument. */
  private readonly lines = new Map<Follower, Line | null>();
  /** Those whose instrument the server has refused: they are not asked for again by themselves. */
  private readonly refused = new Set<Follower>();
  private current: Line | null = null;
  private next: Successor | null = null;
  private planned: ReturnType<typeof setTimeout> | undefined;
  private plannedMs = Number.POSITIVE_INFINITY;

  /** Place of the last signal that was heard; null: none yet. All connections carry the same ones under the same places. */
  private signalsAt: string | null = null;
  private signalsHeld: SignalEvent['signals'] = [];

  /**
   * @param connect makes a stream of these instruments, not yet started; where signals are wanted too, it is given what says
   *   behind which place: `new`, or the place of the last one
   */
  constructor(
    private readonly connect: (
      ids: readonly number[],
      handlers: StreamHandlers,
      signalsAfter: (() => string) | null,
    ) => HubStream,
  ) {}

  /** Returns what ends it. */
  follow(follower: Follower): () => void {
    this.lines.set(follower, null);
    if (this.signalsAt !== null && this.signalsHeld.length > 0) {
      follower.onSignals?.({ position: this.signalsAt, missed: false, signals: this.signalsHeld });
    }
    this.planIn(GATHER_MS);
    return () => {
      this.refused.delete(follower);
      if (!this.lines.delete(follower)) return;
      if (this.lines.size === 0) this.stop();
      else this.planIn(SHRINK_MS);
    };
  }

  /** Tries now, whatever the wait; a follower that could not read what came begins anew. */
  retryNow(follower: Follower): void {
    if (!this.lines.has(follower)) return;
    this.refused.delete(follower);
    const { current } = this;
    if (current && (current.lost || current.over) && this.lines.get(follower) === current) {
      current.over = false;
      current.stream.retryNow();
      return;
    }
    this.lines.set(follower, null);
    this.planIn(0);
  }

  private stop(): void {
    clearTimeout(this.planned);
    this.plannedMs = Number.POSITIVE_INFINITY;
    this.endNext();
    this.current?.stream.stop();
    this.current = null;
    this.signalsAt = null;
    this.signalsHeld = [];
  }

  private planIn(ms: number): void {
    if (ms >= this.plannedMs) return;
    clearTimeout(this.planned);
    this.plannedMs = ms;
    this.planned = setTimeout(() => {
      this.plannedMs = Number.POSITIVE_INFINITY;
      this.plan();
    }, ms);
  }

  private plan(): void {
    const followers = [...this.lines].filter(([follower]) => !this.refused.has(follower));
    const wanted = new Set(followers.map(([{ instrumentId }]) => instrumentId));
    if (wanted.size === 0) return;
    const newest = this.next?.line ?? this.current;
    const waiting = followers.some(([, line]) => line === null);
    const tooMany = newest !== null && [...newest.ids].some((id) => !wanted.has(id));
    if (!waiting && !tooMany) return;
    // One that is on its way and asks for too little goes: it has reached nobody yet, or those it has reached begin anew.
    if (this.next) {
      for (const [follower, line] of this.lines) if (line === this.next.line) this.lines.set(follower, null);
      this.endNext();
    }
    const line = this.open([...wanted].sort((a, b) => a - b));
    if (this.current && !this.current.over) {
      this.next = { line, handover: new Handover(), events: [], quietOld: 0, quietNew: 0, deadline: undefined };
    } else {
      this.current?.stream.stop();
      this.current = line;
      for (const follower of this.lines.keys()) if (!this.refused.has(follower)) this.lines.set(follower, line);
    }
    line.stream.start();
  }

  private open(ids: readonly number[]): Line {
    const wantsSignals = [...this.lines.keys()].some(({ onSignals }) => onSignals !== undefined);
    // Nobody has followed them meanwhile: what is known of them is old.
    if (!wantsSignals) {
      this.signalsAt = null;
      this.signalsHeld = [];
    }
    const line: Line = {
      ids: new Set(ids),
      hello: null,
      snapshotDue: false,
      lost: false,
      over: false,
      stream: this.connect(
        ids,
        {
          onHello: (hello) => this.onHello(line, hello),
          onMessages: (bytes) => this.onMessages(line, bytes),
          onStatus: (status) => this.onStatus(line, status),
          onConnection: (connection) => this.onConnection(line, connection),
          onSignals: (event) => this.onSignals(event),
        },
        wantsSignals ? () => this.signalsAt ?? 'new' : null,
      ),
    };
    return line;
  }

  private onHello(line: Line, hello: Hello): void {
    line.hello = hello;
    line.lost = false;
    line.snapshotDue = true;
    const { next } = this;
    if (next && line === this.current) {
      // It was away: what the new one has to be joined to begins here.
      next.handover = new Handover();
      next.quietOld = 0;
    }
    if (next?.line === line) {
      // What the old one has delivered already stands: the new one's first message may be among it.
      next.handover.forgetFresh();
      next.events = [];
      next.quietOld = 0;
      next.quietNew = 0;
      clearTimeout(next.deadline);
      next.deadline = setTimeout(() => this.beginAnew(), HANDOVER_MS);
      for (const [follower, of] of this.lines) {
        if (of === null && line.ids.has(follower.instrumentId) && !this.refused.has(follower)) {
          this.lines.set(follower, line);
        }
      }
    }
    for (const follower of this.followersOf(line)) follower.onHello(hello);
    if (next?.line === line && this.current?.lost) this.beginAnew();
  }

  private onMessages(line: Line, bytes: Uint8Array): void {
    const isSnapshot = line.snapshotDue;
    line.snapshotDue = false;
    this.deliver(line, bytes);
    const { next, current } = this;
    if (!next || !current) return;
    if (line === next.line) next.events.push(bytes);
    if (isSnapshot) return;
    eachMessage(bytes, (id, from, to) => {
      if (!current.ids.has(id) || !next.line.ids.has(id)) return;
      const message = bytes.subarray(from, to);
      next.quietOld = 0;
      next.quietNew = 0;
      if (line === current) next.handover.addOld(message);
      else next.handover.addFresh(message);
    });
    const rest = next.line.hello ? next.handover.remainder() : null;
    if (rest) this.takeOver(rest);
  }

  private onStatus(line: Line, status: StreamStatus): void {
    for (const follower of this.followersOf(line)) follower.onStatus(status);
    const { next } = this;
    if (!next?.line.hello) return;
    if (line === next.line) next.quietNew += 1;
    else if (line === this.current) next.quietOld += 1;
    const quiet = Math.min(next.quietOld, next.quietNew) >= STATUSES_SURE;
    if (quiet && next.handover.silent) this.takeOver([]);
  }

  private onSignals(event: SignalEvent): void {
    if (!event.missed && this.signalsAt !== null && !isBehind(event.position, this.signalsAt)) return;
    this.signalsAt = event.position;
    this.signalsHeld = [...this.signalsHeld, ...event.signals].slice(-SIGNALS_HELD);
    for (const follower of this.lines.keys()) follower.onSignals?.(event);
  }

  private onConnection(line: Line, connection: Connection): void {
    if (connection.kind === 'lost') line.lost = true;
    if (connection.kind === 'signed_out' || connection.kind === 'refused') line.over = true;
    for (const follower of this.followersOf(line)) follower.onConnection(connection);
    const { next } = this;
    if (next?.line === line) {
      for (const [follower, of] of this.lines) {
        if (of !== null || !line.ids.has(follower.instrumentId)) continue;
        follower.onConnection(connection);
        // The others go on with what they have.
        if (line.over) this.refused.add(follower);
      }
      if (!line.over) return;
      for (const follower of this.followersOf(line)) {
        this.lines.set(follower, null);
        this.refused.add(follower);
      }
      this.endNext();
    } else if (line === this.current && (line.lost || line.over) && next?.line.hello) this.beginAnew();
  }

  /** The new connection goes on where the old one is. */
  private takeOver(rest: readonly Uint8Array[]): void {
    const { next, current } = this;
    if (!next || !current) return;
    const moved = this.followersOf(current);
    this.replace(next);
    for (const follower of moved) this.lines.set(follower, next.line);
    for (const message of rest) {
      eachMessage(message, (id) => {
        for (const follower of moved) if (follower.instrumentId === id) follower.onMessages(message);
      });
    }
  }

  /** The new connection begins for all: as after a connection that was lost. */
  private beginAnew(): void {
    const { next, current } = this;
    const hello = next?.line.hello;
    if (!next || !current || !hello) return;
    const moved = this.followersOf(current);
    this.replace(next);
    for (const follower of moved) {
      this.lines.set(follower, next.line);
      follower.onHello(hello);
      follower.onConnection({ kind: 'open' });
      for (const bytes of next.events)
        for (const part of partsOf(bytes, follower.instrumentId)) follower.onMessages(part);
    }
  }

  private replace(next: Successor): void {
    clearTimeout(next.deadline);
    this.current?.stream.stop();
    this.current = next.line;
    this.next = null;
    // Somebody may have come or gone meanwhile.
    this.planIn(GATHER_MS);
  }

  private endNext(): void {
    clearTimeout(this.next?.deadline);
    this.next?.line.stream.stop();
    this.next = null;
  }

  private deliver(line: Line, bytes: Uint8Array): void {
    const followers = this.followersOf(line);
    if (line.ids.size === 1) {
      for (const follower of followers) follower.onMessages(bytes);
      return;
    }
    const parts = new Map<number, Uint8Array[]>();
    for (const follower of followers) {
      const { instrumentId } = follower;
      let own = parts.get(instrumentId);
      if (!own) {
        own = partsOf(bytes, instrumentId);
        parts.set(instrumentId, own);
      }
      for (const part of own) follower.onMessages(part);
    }
  }

  private followersOf(line: Line): Follower[] {
    return [...this.lines].filter(([, of]) => of === line).map(([follower]) => follower);
  }
}

/** Whether a place of the stream of signals, `ms-number`, lies behind another. */
function isBehind(place: string, other: string): boolean {
  const [ms = 0, n = 0] = place.split('-').map(Number);
  const [otherMs = 0, otherN = 0] = other.split('-').map(Number);
  return ms > otherMs || (ms === otherMs && n > otherN);
}

/** What of an event is about one instrument, in one piece; nothing where none of it is. */
function partsOf(bytes: Uint8Array, instrumentId: number): Uint8Array[] {
  const places: [from: number, to: number][] = [];
  let size = 0;
  eachMessage(bytes, (id, from, to) => {
    if (id !== instrumentId) return;
    places.push([from, to]);
    size += to - from;
  });
  if (places.length === 0) return [];
  if (size === bytes.length) return [bytes];
  const part = new Uint8Array(size);
  let at = 0;
  for (const [from, to] of places) {
    part.set(bytes.subarray(from, to), at);
    at += to - from;
  }
  return [part];
}
