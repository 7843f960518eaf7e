/**
 * Signals on their way to the browsers: one reader of their stream in a web process. Each listener has a position of its own and is
 * given what comes behind it, as fast as it takes it: books may be left out for who is slow, signals may not.
 */
import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { instrumentsById } from '../../db/instruments.ts';
import { firstTold } from '../../db/signals.ts';
import { slugOf } from '../core/instrument.ts';
import type { Log } from '../obs/log.ts';
import type { Redis } from '../queue/redis.ts';
import { newestSignals, type PublishedSignal, readSignals } from '../queue/signals.ts';
import { services } from './context.ts';
import { toldSignal } from './signals.ts';

export const TAP_BLOCK_MS = 1000;
/** Signals held for who comes back, or begins with what was told just before. */
const HELD = 5000;
/** Who begins is given those of so long before too: their rows may not be stored yet. */
const BEFORE_MS = 10_000;
const READ = 500;
const RETRY_MS = 200;
/** Signals of one event. */
const EVENT_SIGNALS = 50;
/** Unsent bytes at which a listener has to take some before it gets more. */
const SLOW_BYTES = 64 * 1024;

interface Held {
  readonly position: string;
  /** JSON of a signal as /api/signals has it, without `mark`. */
  readonly text: string;
}

interface Listener {
  readonly socket: Socket;
  /** Of the last one written to it. */
  position: string;
  /** It has been written more than it takes. */
  waiting: boolean;
  /** What lies between its position and what is held is lost to it. */
  missed: boolean;
}

export const POSITION = /^\d{1,15}-\d{1,9}$/;

function compare(a: string, b: string): number {
  const [aMs, aSeq] = a.split('-').map(Number) as [number, number];
  const [bMs, bSeq] = b.split('-').map(Number) as [number, number];
  return aMs - bMs || aSeq - bSeq;
}

export class SignalTap {
  private readonly listeners = new Set<Listener>();
  private held: Held[] = [];
  /** Everything after this one is held. */
  private heldFrom = '0-0';
  private head: string | null = null;
  /** When each signal was first told, µs: later states come under the same id. */
  private readonly firstUs = new Map<string, number>();
  private readonly instruments = new Map<number, { readonly slug: string; readonly priceScale: number }>();
  private stopping = false;
  private loop: Promise<void> | null = null;

  /** @param blocking a connection of its own, on which reads wait */
  constructor(
    private readonly blocking: Redis,
    private readonly redis: Redis,
    private readonly log: Log,
  ) {}

  start(): void {
    this.loop = this.run();
  }

  async stop(): Promise<void> {
    this.stopping = true;
    await this.loop;
  }

  /** Up to here every listener has been written everything; null before the stream could be read. */
  get position(): string | null {
    let least = this.head;
    for (const { position } of this.listeners) if (least !== null && compare(position, least) < 0) least = position;
    return least;
  }

  /**
   * Writes signals to a socket until what is returned is called.
   *
   * @param after position of the last one it has; null: it begins, with those of the last seconds
   */
  add(socket: Socket, after: string | null): () => void {
    const from = after ?? `${Math.max(0, Number((this.head ?? '0-0').split('-')[0]) - BEFORE_MS)}-0`;
    const missed = after !== null && compare(after, this.heldFrom) < 0;
    const listener: Listener = { socket, position: from, waiting: false, missed };
    this.listeners.add(listener);
    this.write(listener);
    return () => void this.listeners.delete(listener);
  }

  private async run(): Promise<void> {
    let failing = false;
    while (!this.stopping) {
      try {
        if (this.head === null) {
          const newest = await newestSignals(this.redis, HELD);
          await this.hold(newest);
          if (newest.length === HELD) this.heldFrom = newest[0]?.position as string;
          this.head = newest.at(-1)?.position ?? '0-0';
        } else await this.hold(await readSignals(this.blocking, this.head, READ, TAP_BLOCK_MS));
        for (const listener of this.listeners) this.write(listener);
        failing = false;
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        if (!failing && !this.stopping) this.log.warn({ event: 'signals_unread', reason });
        failing = true;
        await delay(RETRY_MS);
      }
    }
  }

  private async hold(published: readonly PublishedSignal[]): Promise<void> {
    if (published.length === 0) return;
    const { db } = services();
    const unknown = [...new Set(published.map(({ signal }) => signal.instrumentId))].filter(
      (id) => !this.instruments.has(id),
    );
    if (unknown.length > 0) {
      for (const { instrument } of await instrumentsById(db, unknown)) {
        this.instruments.set(instrument.id, { slug: slugOf(instrument), priceScale: instrument.priceScale });
      }
    }
    const news = published.filter(({ signal }) => !this.firstUs.has(signal.id)).map(({ signal }) => signal.id);
    const stored = news.length > 0 ? await firstTold(db, news) : new Map<string, number>();
    const texts = published.flatMap(({ position, signal }): Held[] => {
      const instrument = this.instruments.get(signal.instrumentId);
      if (!instrument) return [];
      const timeUs = this.firstUs.get(signal.id) ?? stored.get(signal.id) ?? signal.foundUs;
      this.firstUs.set(signal.id, timeUs);
      return [{ position, text: JSON.stringify(toldSignal({ ...signal, timeUs }, instrument)) }];
    });
    this.head = published.at(-1)?.position ?? this.head;
    const all = [...this.held, ...texts];
    const beyond = all.length - HELD;
    if (beyond > 0) this.heldFrom = all[beyond - 1]?.position as string;
    this.held = beyond > 0 ? all.slice(beyond) : all;
    for (const id of this.firstUs.keys()) {
      if (this.firstUs.size <= 2 * HELD) break;
      this.firstUs.delete(id);
    }
  }

  private write(listener: Listener): void {
    const { socket } = listener;
    while (!listener.waiting && !socket.destroyed) {
      if (compare(listener.position, this.heldFrom) < 0 && compare(this.heldFrom, '0-0') > 0) {
        listener.missed ||= listener.position !== '0-0';
        listener.position = this.heldFrom;
      }
      const from = this.indexAfter(listener.position);
      const batch = this.held.slice(from, from + EVENT_SIGNALS);
      const last = batch.at(-1);
      if (!last && !listener.missed) return;
      const position = last?.position ?? listener.position;
      const signals = batch.map(({ text }) => text).join(',');
      socket.write(
        `event: signal\ndata: {"position":"${position}","missed":${listener.missed},"signals":[${signals}]}\n\n`,
      );
      listener.position = position;
      listener.missed = false;
      if (socket.writableLength <= SLOW_BYTES) continue;
      listener.waiting = true;
      socket.once('drain', () => {
        listener.waiting = false;
        if (this.listeners.has(listener)) this.write(listener);
      });
    }
  }

  /** Place of the first one behind a position. */
  private indexAfter(position: string): number {
    let low = 0;
    let high = this.held.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (compare(this.held[middle]?.position as string, position) <= 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
