/**
 * What one entry of a feed's stream holds: everything decoded from one frame, or one event of the feed. The entry's id is
 * the frame's stamp, so no record repeats it.
 *
 *     u8 version | records, one after the other:  u8 kind | body
 */

import { decodeLevels, encodeLevels } from '../book/side-codec.ts';
import { ABSENT } from '../core/absent.ts';
import type { Aggressor } from '../core/aggressor.ts';
import { ByteReader, ByteWriter, CodecError } from '../core/bytes.ts';
import type { GapCause } from '../core/gap.ts';
import type { InstrumentTimes } from '../core/instrument-times.ts';
import { ASK, BID, type Side, SideLevels } from '../core/side.ts';
import { TICK_INTEGERS, TICK_LEVELS, Tick, type TickMode } from '../orderflow/tick.ts';

const VERSION = 1;
const KIND = { depth: 1, tick: 2, mark: 3, gapOpened: 4, gapClosed: 5, reject: 6 } as const;

/** One side of one instrument, as one frame gave it. */
export class DepthRecord {
  instrumentId = 0;
  /** Receive stamp of the frame, µs since the epoch. */
  stampUs = 0;
  /** Place of the packet in the frame. */
  n = 0;
  side: Side = BID;
  /** FRAME_FLAG bits. */
  flags = 0;
  /** Stamp that the two sides of one book share. */
  bookTimeUs = 0;
  levels = new SideLevels();
}

/** A feed has gone silent, or gives data again. */
export interface GapRecord {
  /** Stamp of the last frame before the gap: names the gap within its feed. */
  readonly fromUs: number;
  /** Stamp of the first frame after it; 0 while it is open. */
  readonly toUs: number;
  readonly cause: GapCause;
  /** Instruments that the feed was to give. */
  readonly instrumentIds: readonly number[];
}

/** A packet that could not be believed; its bytes are kept as evidence. */
export interface RejectRecord {
  readonly stampUs: number;
  readonly n: number;
  /** A WireErrorCode. */
  readonly code: string;
  readonly detail: string;
  readonly bytes: Uint8Array;
}

/** Writes one entry at a time. Reused: `finish` gives bytes of their own. */
export class EntryWriter {
  private readonly writer = new ByteWriter(64 * 1024);
  private records = 0;
  /** True where the entry holds depth or ticks: the feed gave data. */
  hasData = false;
  /** Who notes the instruments that are written of. */
  times: InstrumentTimes | null = null;

  begin(): void {
    this.writer.reset();
    this.writer.u8(VERSION);
    this.records = 0;
    this.hasData = false;
  }

  depth(instrumentId: number, n: number, side: Side, flags: number, ageUs: number, levels: SideLevels): void {
    this.kind(KIND.depth);
    this.hasData = true;
    this.times?.note(instrumentId);
    const { writer } = this;
    writer.varint(instrumentId);
    writer.varint(n);
    writer.u8(side);
    writer.u8(flags);
    writer.varint(ageUs);
    encodeLevels(writer, side, levels);
  }

  tick(tick: Tick): void {
    this.kind(KIND.tick);
    this.hasData = true;
    this.times?.note(tick.instrumentId);
    const { writer } = this;
    writer.varint(tick.instrumentId);
    writer.varint(tick.n);
    writer.u8(tick.mode);
    writer.u8(tick.aggressor | (tick.confidence << 2));
    const { numbers } = tick;
    // A bit says of each number whether it is there: there can be 31 of them.
    let present = 0;
    for (let i = 0; i < numbers.length; i += 1) if (numbers[i] !== ABSENT) present |= 1 << i;
    writer.varint(present);
    for (let i = 0; i < numbers.length; i += 1) {
      const number = numbers[i] as number;
      if (number === ABSENT) continue;
      if (i < TICK_INTEGERS.length) writer.zigzag(number);
      else writer.f64(number);
    }
    encodeLevels(writer, BID, tick.bids);
    encodeLevels(writer, ASK, tick.asks);
  }

  /** Says that everything up to the entry's stamp has been published. */
  mark(): void {
    this.kind(KIND.mark);
  }

  gap(gap: GapRecord): void {
    this.kind(gap.toUs === 0 ? KIND.gapOpened : KIND.gapClosed);
    const { writer } = this;
    writer.varint(gap.fromUs);
    writer.varint(gap.toUs);
    writer.text(gap.cause);
    writer.varint(gap.instrumentIds.length);
    for (const id of gap.instrumentIds) writer.varint(id);
  }

  reject(n: number, code: string, detail: string, bytes: Uint8Array): void {
    this.kind(KIND.reject);
    const { writer } = this;
    writer.varint(n);
    writer.text(code);
    writer.text(detail);
    writer.varint(bytes.length);
    writer.raw(bytes);
  }

  /** The entry, or null where nothing was written since `begin`. */
  finish(): Buffer | null {
    return this.records > 0 ? Buffer.from(this.writer.view()) : null;
  }

  private kind(kind: number): void {
    this.records += 1;
    this.writer.u8(kind);
  }
}

/** What a reader does with the records of an entry. DepthRecord and Tick are reused: copy what is to be kept. */
export interface EntryHandler {
  onDepth(record: DepthRecord): void;
  onTick(tick: Tick): void;
  onGap(gap: GapRecord): void;
  onReject(reject: RejectRecord): void;
}

/** Reads entries. */
export class EntryReader {
  private readonly depth = new DepthRecord();
  private readonly tick = new Tick();
  private bytes: Uint8Array = new Uint8Array(0);
  private recordFrom = 0;
  private recordTo = 0;

  /** Bytes of the record that the handler has just been given: evidence where it cannot be used. A view. */
  get recordBytes(): Uint8Array {
    return this.bytes.subarray(this.recordFrom, this.recordTo);
  }

  /** @throws CodecError where the bytes are no entry. Records before the fault have been handed over by then. */
  read(stampUs: number, bytes: Uint8Array, handler: EntryHandler): void {
    const reader = new ByteReader(bytes);
    this.bytes = bytes;
    const version = reader.u8();
    if (version !== VERSION) throw new CodecError(`entry of version ${version}, this is ${VERSION}`);
    while (reader.remaining > 0) this.record(reader, stampUs, handler);
  }

  private record(reader: ByteReader, stampUs: number, handler: EntryHandler): void {
    this.recordFrom = reader.position;
    const kind = reader.u8();
    switch (kind) {
      case KIND.depth: {
        const { depth } = this;
        depth.stampUs = stampUs;
        depth.instrumentId = reader.varint();
        depth.n = reader.varint();
        depth.side = reader.u8() === BID ? BID : ASK;
        depth.flags = reader.u8();
        depth.bookTimeUs = stampUs - reader.varint();
        decodeLevels(reader, depth.side, depth.levels);
        this.recordTo = reader.position;
        handler.onDepth(depth);
        break;
      }
      case KIND.tick:
        this.readTick(reader, stampUs);
        this.recordTo = reader.position;
        handler.onTick(this.tick);
        break;
      case KIND.mark:
        break;
      case KIND.gapOpened:
      case KIND.gapClosed: {
        const fromUs = reader.varint();
        const toUs = reader.varint();
        const cause = reader.text() as GapCause;
        const count = reader.varint();
        if (count > reader.remaining) throw new CodecError(`gap of ${count} instruments`);
        const instrumentIds = Array.from({ length: count }, () => reader.varint());
        handler.onGap({ fromUs, toUs, cause, instrumentIds });
        break;
      }
      case KIND.reject: {
        const n = reader.varint();
        const code = reader.text();
        const detail = reader.text();
        handler.onReject({ stampUs, n, code, detail, bytes: reader.raw(reader.varint()) });
        break;
      }
      default:
        throw new CodecError(`record of kind ${kind}`);
    }
  }

  private readTick(reader: ByteReader, stampUs: number): void {
    const { tick } = this;
    tick.clear();
    tick.stampUs = stampUs;
    tick.instrumentId = reader.varint();
    tick.n = reader.varint();
    tick.mode = reader.u8() as TickMode;
    const bits = reader.u8();
    tick.aggressor = (bits & 3) as Aggressor;
    tick.confidence = bits >> 2;
    let present = reader.varint();
    for (let i = 0; i < tick.numbers.length; i += 1) {
      if ((present & 1) === 1) tick.numbers[i] = i < TICK_INTEGERS.length ? reader.zigzag() : reader.f64();
      present >>>= 1;
    }
    readTickLevels(reader, BID, tick.bids);
    readTickLevels(reader, ASK, tick.asks);
  }
}

const wide = new SideLevels();

/** A tick's arrays hold fewer levels than an entry could claim. */
function readTickLevels(reader: ByteReader, side: Side, into: SideLevels): void {
  decodeLevels(reader, side, wide);
  if (wide.count > TICK_LEVELS) throw new CodecError(`tick with ${wide.count} levels`);
  into.copyFrom(wide);
}
