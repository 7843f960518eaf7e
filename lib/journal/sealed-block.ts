/**
 * The records of a stretch of a journal as one block of a sealed file, and back: the same bytes that the raw segment had.
 * A block stands by itself. See docs/JOURNAL.md for its layout.
 *
 * Frames are taken apart into the fields of their packets, and those are coded as what they changed by; a frame that
 * cannot be put together again to the same bytes, and every event, is kept as it is, compressed.
 */
import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib';
import { SealedSides, SideMemory } from '../book/sealed-side.ts';
import { AdaptiveCoder, NUMBER_CONTEXTS } from '../core/adaptive-coder.ts';
import { ByteReader, ByteWriter, CodecError } from '../core/bytes.ts';
import type { Feed, FeedKind } from '../core/feeds.ts';
import { ASK, BID, MAX_LEVELS } from '../core/side.ts';
import {
  DEPTH_LAYOUT,
  type FramePacket,
  FramePackets,
  joinedBytes,
  joinFrame,
  layoutsOf,
  type PacketLayout,
  splitFrame,
} from '../wire/frame-packets.ts';
import {
  type JournalRecord,
  PAYLOAD_BYTES_MAX,
  RECORD,
  RECORD_HEADER_BYTES,
  type RecordKind,
  writeRecord,
} from './format.ts';

/** First byte of a block's body: what follows. */
const BODY = { records: 1, verbatim: 2 } as const;

/** What is kept as it is compresses at this quality; so much of it that it takes long, at the other. */
const BROTLI_QUALITY = { usual: 9, large: 5 } as const;
const LARGE_BYTES = 1024 * 1024;

/** How a record is written down. */
const FORM = { packets: 0, frame: 1, event: 2 } as const;

/** Most instruments (each with its packet layout) in a block: more than any feed can carry. */
const IDENTITIES_MAX = 65_536;

/** How long the time between records was before, in thirds of its length in bits. */
const STAMP_CLASSES = 12;

/** More than any kind of feed needs: Dhan's live packets need about 50,000. */
const CONTEXTS = 65_536;

/** One instrument with one layout of packets. */
interface Identity {
  readonly layout: number;
  readonly segment: number;
  readonly instrument: number;
  /** Number of the identity that came after this one last time. */
  successor: number;
  /** Fields of its last packet, and which of them had changed. */
  readonly fields: Uint32Array;
  readonly changed: Uint8Array;
  readonly sides: readonly [SideMemory, SideMemory] | null;
  x: number;
  padding: number;
  priceForm: number;
  side: number;
  priceUnit: number;
  quantityUnit: number;
}

/** Greatest units that divide all prices and quantities of an instrument in a block. */
interface Units {
  price: number;
  quantity: number;
}

/**
 * Encodes records, all of one feed. @returns the block's body
 */
export function encodeBlock(feed: Feed, records: readonly JournalRecord[]): Uint8Array {
  const packets = new FramePackets();
  const { canSplit, units } = survey(feed.kind, records, packets);
  const verbatim: Uint8Array[] = [];
  const model = new BlockModel(feed.kind, null, units);
  let lastUs = 0;
  records.forEach(({ stampUs, kind, payload }, i) => {
    const form = kind === RECORD.event ? FORM.event : canSplit[i] ? FORM.packets : FORM.frame;
    model.record(form, stampUs - lastUs);
    lastUs = stampUs;
    if (form === FORM.packets) {
      splitFrame(feed.kind, payload, packets);
      model.packets(packets);
    } else {
      model.length(payload.length);
      verbatim.push(payload);
    }
  });
  const coded = model.coder.finish();
  const kept = compress(Buffer.concat(verbatim));
  const writer = new ByteWriter(coded.length + kept.length + 32);
  writer.u8(BODY.records);
  writer.varint(records.length);
  writer.varint(kept.length);
  writer.raw(kept);
  writer.raw(coded);
  return writer.view();
}

/** Encodes bytes that are no records: what stands behind the last whole record of a segment. @returns the block's body */
export function encodeVerbatim(bytes: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.of(BODY.verbatim), compress(bytes)]);
}

/**
 * Decodes a block's body into the bytes that the raw segment had there.
 *
 * @param rawBytes how many those are
 * @throws CodecError where the body is damaged in a way that shows; what does not show, the checksum of the raw bytes does
 */
export function decodeBlock(feed: Feed, body: Uint8Array, rawBytes: number): Buffer {
  const reader = new ByteReader(body);
  const kind = reader.u8();
  if (kind === BODY.verbatim) return expand(reader.raw(reader.remaining), rawBytes);
  if (kind !== BODY.records) throw new CodecError(`a block of kind ${kind}, which is unknown here`);
  const count = reader.varint();
  const kept = expand(reader.raw(reader.varint()), rawBytes);
  const model = new BlockModel(feed.kind, reader.raw(reader.remaining), null);
  const out = Buffer.allocUnsafe(rawBytes);
  const packets = new FramePackets();
  let at = 0;
  let keptAt = 0;
  let stampUs = 0;
  for (let i = 0; i < count; i += 1) {
    const step = model.record(0, 0);
    stampUs += step;
    const { form } = model;
    const start = at + RECORD_HEADER_BYTES;
    let length: number;
    if (form === FORM.packets) {
      model.roomBytes = rawBytes - start;
      model.packets(packets);
      length = joinedBytes(feed.kind, packets);
      if (start + length > rawBytes) throw new CodecError(`record ${i} does not fit the block`);
      joinFrame(feed.kind, packets, out, start);
    } else {
      length = model.length(0);
      if (start + length > rawBytes || keptAt + length > kept.length) {
        throw new CodecError(`record ${i} does not fit the block`);
      }
      kept.copy(out, start, keptAt, keptAt + length);
      keptAt += length;
    }
    if (!(stampUs >= 0 && stampUs <= Number.MAX_SAFE_INTEGER)) throw new CodecError(`record ${i} has no time`);
    const recordKind: RecordKind = form === FORM.event ? RECORD.event : RECORD.frame;
    at = writeRecord(out, at, stampUs, recordKind, out.subarray(start, start + length));
  }
  if (at !== rawBytes || model.coder.exhausted) throw new CodecError(`${at} bytes came out of ${rawBytes}`);
  return out;
}

/** Which frames can be put together again, and the units of their instruments. */
function survey(
  kind: FeedKind,
  records: readonly JournalRecord[],
  packets: FramePackets,
): { canSplit: Uint8Array; units: Map<number, Units> } {
  const canSplit = new Uint8Array(records.length);
  const units = new Map<number, Units>();
  let again = Buffer.alloc(64 * 1024);
  records.forEach(({ kind: recordKind, payload }, i) => {
    if (recordKind !== RECORD.frame || !splitFrame(kind, payload, packets)) return;
    const { length } = payload;
    if (joinedBytes(kind, packets) !== length) return;
    if (length > again.length) again = Buffer.alloc(2 * length);
    joinFrame(kind, packets, again, 0);
    if (again.compare(payload, 0, length, 0, length) !== 0) return;
    canSplit[i] = 1;
    for (let n = 0; n < packets.count; n += 1) addToUnits(units, packets.packets[n] as FramePacket);
  });
  return { canSplit, units };
}

function addToUnits(units: Map<number, Units>, packet: FramePacket): void {
  if (packet.layout !== DEPTH_LAYOUT) return;
  const key = keyOf(packet);
  let unit = units.get(key);
  if (!unit) {
    unit = { price: 0, quantity: 0 };
    units.set(key, unit);
  }
  const { count, prices, quantities } = packet.levels;
  for (let i = 0; i < count; i += 1) {
    if ((prices[i] as number) % unit.price !== 0) unit.price = divisor(unit.price, prices[i] as number);
    if ((quantities[i] as number) % unit.quantity !== 0)
      unit.quantity = divisor(unit.quantity, quantities[i] as number);
  }
}

/** Greatest common divisor; that of 0 and a number is the number. */
function divisor(a: number, b: number): number {
  let x = a;
  let y = b;
  while (y !== 0) [x, y] = [y, x % y];
  return x;
}

/** Names an identity: below 2^53. */
const keyOf = ({ layout, segment, instrument }: Pick<FramePacket, 'layout' | 'segment' | 'instrument'>): number =>
  (layout * 256 + segment) * 2 ** 32 + instrument;

/** The model of a block's records. Both directions go through the same calls: see AdaptiveCoder. */
class BlockModel {
  readonly coder: AdaptiveCoder;
  /** A FORM: of the record under way. */
  form: number = FORM.event;
  /** Decoding: bytes that may still come out. */
  roomBytes = PAYLOAD_BYTES_MAX;
  private readonly sides: SealedSides;
  private readonly layouts: readonly PacketLayout[];
  private readonly identities: Identity[] = [];
  private readonly byKey = new Map<number, number>();
  /** Identity of the packet before. */
  private last = -1;
  /** How long the time between records was last, in bits. */
  private stampClass = 0;

  private readonly formContexts: number;
  private readonly stampContexts: number;
  private readonly stampSign: number;
  private readonly lengthContexts: number;
  private readonly countContexts: number;
  private readonly lastCount: number;
  private readonly successorContexts: number;
  private readonly identityContexts: number;
  private readonly newIdentity: number;
  private readonly headerContexts: number;
  private readonly headerNumbers: number;
  private readonly fieldFlags: number[] = [];
  private readonly fieldNumbers: number[] = [];
  private countBefore = 0;

  constructor(
    kind: FeedKind,
    encoded: Uint8Array | null,
    private readonly units: ReadonlyMap<number, Units> | null,
  ) {
    this.layouts = layoutsOf(kind);
    const coder = new AdaptiveCoder(CONTEXTS, encoded);
    this.coder = coder;
    this.sides = new SealedSides(coder);
    this.formContexts = coder.reserve(6);
    this.stampSign = coder.reserve(1);
    this.stampContexts = coder.reserve(STAMP_CLASSES * 2 * NUMBER_CONTEXTS);
    this.lengthContexts = coder.reserve(NUMBER_CONTEXTS);
    this.lastCount = coder.reserve(1);
    this.countContexts = coder.reserve(NUMBER_CONTEXTS);
    this.successorContexts = coder.reserve(3);
    this.identityContexts = coder.reserve(NUMBER_CONTEXTS);
    this.newIdentity = coder.reserve(3 * NUMBER_CONTEXTS);
    this.headerContexts = coder.reserve(8);
    this.headerNumbers = coder.reserve(3 * NUMBER_CONTEXTS);
    for (const { widths } of this.layouts) {
      this.fieldFlags.push(coder.reserve(widths.length * 8));
      this.fieldNumbers.push(coder.reserve(widths.length * NUMBER_CONTEXTS));
    }
  }

  /** Form of the next record, and the time since the one before, µs. */
  record(form: number, stepUs: number): number {
    const { coder } = this;
    const context = this.formContexts + this.form * 2;
    const isPackets = coder.bit(context, form === FORM.packets ? 1 : 0) === 1;
    if (isPackets) this.form = FORM.packets;
    else this.form = coder.bit(context + 1, form === FORM.event ? 1 : 0) === 1 ? FORM.event : FORM.frame;
    const back = coder.bit(this.stampSign, stepUs < 0 ? 1 : 0) === 1;
    const step = coder.wide(this.stampContexts + this.stampClass * 2 * NUMBER_CONTEXTS, Math.abs(stepUs));
    this.stampClass = step < 2 ** 32 ? ((32 - Math.clz32(step)) / 3) | 0 : STAMP_CLASSES - 1;
    return back ? -step : step;
  }

  /** Length of a record that is kept as it is. */
  length(length: number): number {
    return this.coder.number(this.lengthContexts, length);
  }

  packets(frame: FramePackets): void {
    const { coder } = this;
    const { encoding } = coder;
    let count = frame.count;
    if (coder.bit(this.lastCount, count === this.countBefore ? 1 : 0) === 1) count = this.countBefore;
    else count = coder.number(this.countContexts, count);
    this.countBefore = count;
    if (!encoding) frame.count = 0;
    for (let i = 0; i < count; i += 1) {
      const packet = encoding ? (frame.packets[i] as FramePacket) : frame.next();
      const identity = this.identity(packet);
      if (identity.sides) this.depth(identity, packet);
      else this.fields(identity, packet);
      if (!encoding) this.takeRoom(packet);
    }
  }

  /** Damaged bytes can ask for any number of packets: no more of them than there is room for. */
  private takeRoom(packet: FramePacket): void {
    const { levels, padding, layout } = packet;
    this.roomBytes -= layout === DEPTH_LAYOUT ? 12 + 16 * (levels.count + padding) : (this.layouts[layout]?.bytes ?? 1);
    if (this.roomBytes < 0) throw new CodecError('a frame does not fit the block');
  }

  /** Whose packet comes: mostly that of who came after the one before last time, too. */
  private identity(packet: FramePacket): Identity {
    const { coder, identities, byKey } = this;
    const { encoding } = coder;
    const known = encoding ? (byKey.get(keyOf(packet)) ?? identities.length) : 0;
    const previous = identities[this.last];
    const expected = previous?.successor ?? 0;
    let number = expected;
    const context = this.successorContexts + Math.min(identities.length, 2);
    if (coder.bit(context, known === expected ? 1 : 0) === 0) number = coder.number(this.identityContexts, known);
    if (number > identities.length || number >= IDENTITIES_MAX) throw new CodecError(`no instrument ${number}`);
    let identity = identities[number];
    if (!identity) {
      identity = this.introduce(packet);
      byKey.set(keyOf(identity), number);
      identities.push(identity);
    }
    if (previous) previous.successor = number;
    this.last = number;
    if (!encoding) {
      packet.layout = identity.layout;
      packet.segment = identity.segment;
      packet.instrument = identity.instrument;
    }
    return identity;
  }

  private introduce(packet: FramePacket): Identity {
    const { coder, newIdentity, layouts, units } = this;
    const unit = units?.get(keyOf(packet));
    const layout = coder.number(newIdentity, packet.layout);
    const segment = coder.number(newIdentity + NUMBER_CONTEXTS, packet.segment);
    const instrument = coder.plain(packet.instrument, 32);
    const isDepth = layout === DEPTH_LAYOUT && layouts.length === 0;
    const widths = layouts[layout]?.widths;
    if (!isDepth && !widths) throw new CodecError(`no packet has the layout ${layout}`);
    const priceUnit = isDepth ? coder.number(newIdentity + 2 * NUMBER_CONTEXTS, unit?.price ?? 0) : 0;
    const quantityUnit = isDepth ? coder.number(newIdentity + 2 * NUMBER_CONTEXTS, unit?.quantity ?? 0) : 0;
    return {
      layout,
      segment,
      instrument,
      successor: this.identities.length,
      fields: new Uint32Array(widths?.length ?? 0),
      changed: new Uint8Array(widths?.length ?? 0),
      sides: isDepth ? [new SideMemory(), new SideMemory()] : null,
      x: 0,
      padding: 0,
      priceForm: 0,
      side: ASK,
      // A side without levels, or with empty ones, divides nothing.
      priceUnit: priceUnit || 1,
      quantityUnit: quantityUnit || 1,
    };
  }

  private depth(identity: Identity, packet: FramePacket): void {
    const { coder, headerContexts: context, headerNumbers: numbers } = this;
    const { encoding } = coder;
    const other = coder.bit(context, packet.side === identity.side ? 0 : 1) === 1;
    packet.side = other ? (identity.side === BID ? ASK : BID) : identity.side === BID ? BID : ASK;
    identity.side = packet.side;
    if (coder.bit(context + 1, packet.priceForm === identity.priceForm ? 1 : 0) === 0) {
      identity.priceForm = 1 - identity.priceForm;
    }
    packet.priceForm = identity.priceForm;
    if (coder.bit(context + 2, packet.padding === identity.padding ? 1 : 0) === 0) {
      identity.padding = coder.number(numbers, packet.padding);
      if (identity.padding > MAX_LEVELS) throw new CodecError(`${identity.padding} rows of zeros`);
    }
    packet.padding = identity.padding;
    const sides = identity.sides as readonly [SideMemory, SideMemory];
    this.sides.code(sides[packet.side], packet.side, identity.priceUnit, identity.quantityUnit, packet.levels);
    // The number of rows, or one more than in the packet before, or something else.
    const { x } = packet;
    const rows = packet.levels.count + packet.padding;
    if (coder.bit(context + 3, x === rows ? 1 : 0) === 1) packet.x = rows;
    else {
      const fewer = coder.bit(context + 4, x < identity.x ? 1 : 0) === 1;
      const step = coder.number(numbers + NUMBER_CONTEXTS, fewer ? identity.x - x : x - identity.x);
      packet.x = (fewer ? identity.x - step : identity.x + step) >>> 0;
    }
    identity.x = packet.x;
    if (!encoding && packet.levels.count + packet.padding > 2047) throw new CodecError('a side of too many rows');
  }

  /** Each field as what it changed by since the instrument's last packet. */
  private fields(identity: Identity, packet: FramePacket): void {
    const { coder } = this;
    const { fields, changed, layout } = identity;
    const flags = this.fieldFlags[layout] as number;
    const numbers = this.fieldNumbers[layout] as number;
    let before = 0;
    for (let i = 0; i < fields.length; i += 1) {
      const old = fields[i] as number;
      const value = packet.fields[i] as number;
      const context = flags + i * 8;
      const same = coder.bit(context + (changed[i] as number) * 2 + before, value === old ? 1 : 0) === 1;
      before = same ? 0 : 1;
      changed[i] = before;
      if (same) {
        packet.fields[i] = old;
        continue;
      }
      const less = coder.bit(context + 4, value < old ? 1 : 0) === 1;
      const step = coder.number(numbers + i * NUMBER_CONTEXTS, (less ? old - value : value - old) - 1) + 1;
      packet.fields[i] = less ? old - step : old + step;
      fields[i] = packet.fields[i] as number;
    }
  }
}

function compress(bytes: Uint8Array): Uint8Array {
  if (bytes.length === 0) return bytes;
  const quality = bytes.length > LARGE_BYTES ? BROTLI_QUALITY.large : BROTLI_QUALITY.usual;
  return brotliCompressSync(bytes, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: quality,
      [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS,
    },
  });
}

/** @throws CodecError where that is no whole stream, or one of more than `most` bytes */
function expand(bytes: Uint8Array, most: number): Buffer {
  if (bytes.length === 0) return Buffer.alloc(0);
  try {
    return brotliDecompressSync(bytes, { maxOutputLength: Math.max(1, most) });
  } catch (error) {
    throw new CodecError(`what was kept as it is cannot be read: ${(error as Error).message}`);
  }
}
