/** The JSON events of the live stream (docs/STREAM.md), checked as far as the page relies on them. */

import type { ToldSignal } from '../api/signals.ts';
import type { ReplayClockEvent } from '../core/replay-clock.ts';

export interface Hello {
  readonly protocol: number;
  readonly serverTimeUs: number;
  readonly heartbeatMs: number;
  readonly resumedFromUs: number | null;
  /** The data comes from the simulated exchange. */
  readonly simulated: boolean;
  /** Of a replay; null where the stream is live. */
  readonly clock: ReplayClockEvent | null;
}

export interface InstrumentStatus {
  readonly feed: string | null;
  readonly levels: number;
  readonly framesPerSecond: number;
}

export interface FeedStatusEvent {
  readonly state: string;
  readonly cause: string | null;
  readonly detail: string;
  readonly lagMs: number | null;
  readonly gapFromUs: number | null;
  /** Since when it is in this state, µs. */
  readonly sinceUs?: number;
}

export interface RecorderStatus {
  readonly state: string;
  readonly lagMs: number | null;
}

export interface StreamStatus {
  readonly serverTimeUs: number;
  readonly instruments: Readonly<Record<string, InstrumentStatus>>;
  readonly feeds: Readonly<Record<string, FeedStatusEvent>>;
  readonly recorder: RecorderStatus;
  /** Of a replay; null where the stream is live. */
  readonly clock: ReplayClockEvent | null;
}

/** Signals as they were told, oldest first. One that comes again has another state, or comes twice. */
export interface SignalEvent {
  /** Of the last of them; grows along the stream. */
  readonly position: string;
  /** Some before these cannot be had from the stream any more. */
  readonly missed: boolean;
  readonly signals: readonly ToldSignal[];
}

/** The version of the stream that this page understands. */
const PROTOCOL = 1;

/** An event that is not what docs/STREAM.md says. */
export class StreamFormatError extends Error {
  override readonly name = 'StreamFormatError';
}

export function parseHello(text: string): Hello {
  const hello = objectOf(text, 'hello');
  if (hello.protocol !== PROTOCOL) {
    throw new StreamFormatError(`the server speaks version ${hello.protocol}, this page ${PROTOCOL}: reload it`);
  }
  return {
    protocol: PROTOCOL,
    serverTimeUs: numberOf(hello.serverTimeUs, 'hello.serverTimeUs'),
    heartbeatMs: numberOf(hello.heartbeatMs, 'hello.heartbeatMs'),
    resumedFromUs: hello.resumedFromUs === null ? null : numberOf(hello.resumedFromUs, 'hello.resumedFromUs'),
    simulated: hello.simulated === true,
    clock: parseClock(hello.clock),
  };
}

export function parseStatus(text: string): StreamStatus {
  const status = objectOf(text, 'status');
  numberOf(status.serverTimeUs, 'status.serverTimeUs');
  for (const part of ['instruments', 'feeds', 'recorder']) {
    if (typeof status[part] !== 'object' || status[part] === null) throw new StreamFormatError(`status.${part}`);
  }
  return { ...(status as unknown as StreamStatus), clock: parseClock(status.clock) };
}

export function parseSignals(text: string): SignalEvent {
  const event = objectOf(text, 'signal');
  if (typeof event.position !== 'string' || !Array.isArray(event.signals)) throw new StreamFormatError('signal');
  return event as unknown as SignalEvent;
}

function parseClock(clock: unknown): ReplayClockEvent | null {
  if (clock === undefined) return null;
  if (typeof clock !== 'object' || clock === null) throw new StreamFormatError('clock is no object');
  const parsed = clock as ReplayClockEvent;
  for (const name of ['epoch', 'timeUs', 'fromUs', 'toUs', 'speed'] as const) numberOf(parsed[name], `clock.${name}`);
  return parsed;
}

function objectOf(text: string, name: string): Record<string, unknown> {
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null) throw new StreamFormatError(`${name} is no object`);
  return value as Record<string, unknown>;
}

function numberOf(value: unknown, name: string): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw new StreamFormatError(`${name} is no number`);
  return value;
}
