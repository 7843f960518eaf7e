/**
 * Messages about books and trades: what the live stream carries and what depth history is made of, so that a browser
 * has one way of taking in both.
 *
 * A message is `varint length | u8 type | body`, and is filled up with zero bytes to a multiple of three: base64 texts of
 * messages can then be put one after the other and still be one base64 text, so each is encoded once for all browsers.
 * A length of 0 is such filling and is skipped.
 *
 * Depth messages of one (instrument, side) are numbered (modulo SEQ_MODULUS). A delta names its base by that number; a
 * reader that holds another side must wait for the next keyframe.
 */
import { AGGRESSOR, type Aggressor } from '../core/aggressor.ts';
import { ByteReader, ByteWriter, CodecError } from '../core/bytes.ts';
import { ASK, BID, type Side, SideLevels } from '../core/side.ts';
import { applyDelta, decodeLevels, encodeDelta, encodeLevels } from './side-codec.ts';

export const SEQ_MODULUS = 65_536;

const TYPE = { keyframe: 1, delta: 2, tick: 3, gap: 4 } as const;

/** A side as its readers hold it. */
export class BookSide {
  readonly levels = new SideLevels();
  /** False until the first keyframe. */
  known = false;
  seq = 0;
  /** Stamp that the two sides of one book share, µs since the epoch. */
  bookTimeUs = 0;
  /** When the collector received this side's frame, µs since the epoch. */
  stampUs = 0;

  constructor(readonly side: Side) {}
}

/** A change of the last traded price or volume. Prices in price units, quantities in units. */
export interface TickMessage {
  instrumentId: number;
  /** Receive stamp, µs since the epoch. */
  stampUs: number;
  lastPrice: number;
  /** Volume traded since the tick before; 0 where nothing traded or where it cannot be told. */
  volumeDelta: number;
  aggressor: Aggressor;
  /** 3: traded at or through the touch; 2: inside the spread; 1: by the tick test; 0: unknown. */
  confidence: number;
  /** Volume of the day. */
  volume: number;
  /** Open interest; 0 where there is none. */
  oi: number;
  /** Close of the previous session; 0 where the feed does not say. */
  previousClose: number;
}

/** An interval of which a feed of this instrument knows nothing. */
export interface GapMessage {
  instrumentId: number;
  fromUs: number;
  /** 0 while the gap is still open. */
  toUs: number;
  /** Why, in one of the words of GAP_CAUSES (lib/core/gap.ts). */
  cause: string;
}

/** Makes the messages of one (instrument, side): one delta a frame, and a keyframe for whoever lacks the base. */
export class SideEncoder {
  private readonly current: BookSide;
  private keyframe: Uint8Array | null = null;

  constructor(
    private readonly instrumentId: number,
    side: Side,
  ) {
    this.current = new BookSide(side);
  }

  get state(): Readonly<BookSide> {
    return this.current;
  }

  /** Takes in the next frame and returns its message: a delta, or a keyframe where there was nothing before. */
  next(levels: SideLevels, bookTimeUs: number, stampUs: number): Uint8Array {
    const { current } = this;
    this.keyframe = null;
    const base = current.seq;
    if (!current.known) {
      this.take(levels, bookTimeUs, stampUs);
      return this.whole();
    }
    begin(TYPE.delta);
    body.varint(this.instrumentId);
    body.u8(current.side);
    body.varint(base);
    body.zigzag(bookTimeUs - current.bookTimeUs);
    body.varint(stampUs - bookTimeUs);
    encodeDelta(body, current.side, current.levels, levels);
    this.take(levels, bookTimeUs, stampUs);
    return finish();
  }

  /** Takes in the next frame without a message: nobody is listening. Whoever comes next begins with `whole`. */
  skip(levels: SideLevels, bookTimeUs: number, stampUs: number): void {
    this.keyframe = null;
    this.take(levels, bookTimeUs, stampUs);
  }

  /** The whole side as it stands; encoded once, however many ask. */
  whole(): Uint8Array {
    if (this.keyframe) return this.keyframe;
    const { current } = this;
    begin(TYPE.keyframe);
    body.varint(this.instrumentId);
    body.u8(current.side);
    body.varint(current.seq);
    body.varint(current.bookTimeUs);
    body.varint(current.stampUs - current.bookTimeUs);
    encodeLevels(body, current.side, current.levels);
    this.keyframe = finish();
    return this.keyframe;
  }

  private take(levels: SideLevels, bookTimeUs: number, stampUs: number): void {
    const { current } = this;
    current.levels.copyFrom(levels);
    if (current.known) current.seq = (current.seq + 1) % SEQ_MODULUS;
    current.known = true;
    current.bookTimeUs = bookTimeUs;
    current.stampUs = stampUs;
  }
}

export function encodeTick(tick: TickMessage): Uint8Array {
  begin(TYPE.tick);
  body.varint(tick.instrumentId);
  body.varint(tick.stampUs);
  body.zigzag(tick.lastPrice);
  body.varint(tick.volumeDelta);
  body.u8(tick.aggressor | (tick.confidence << 2));
  body.varint(tick.volume);
  body.varint(tick.oi);
  body.zigzag(tick.previousClose);
  return finish();
}

export function encodeGap(gap: GapMessage): Uint8Array {
  begin(TYPE.gap);
  body.varint(gap.instrumentId);
  body.varint(gap.fromUs);
  body.varint(gap.toUs);
  body.text(gap.cause);
  return finish();
}

/**
 * Goes through messages without taking them in: of each, its instrument and where it stands, with the filling behind it.
 *
 * @throws CodecError where the bytes are no messages
 */
export function eachMessage(bytes: Uint8Array, visit: (instrumentId: number, from: number, to: number) => void): void {
  const reader = new ByteReader(bytes);
  let from = 0;
  let instrumentId: number | null = null;
  while (reader.remaining > 0) {
    const start = reader.position;
    const length = reader.varint();
    if (length === 0) continue;
    if (instrumentId !== null) visit(instrumentId, from, start);
    from = start;
    const body = reader.position;
    if (length > reader.remaining) throw new CodecError(`message of ${length} bytes, ${reader.remaining} are there`);
    reader.u8();
    instrumentId = reader.varint();
    reader.position = body + length;
  }
  if (instrumentId !== null) visit(instrumentId, from, bytes.length);
}

/** What a reader of messages does with them. Objects are reused: copy what is to be kept. */
export interface MessageHandler {
  /** A side has changed. `side` is the reader's own state, already brought up to date. */
  onDepth(instrumentId: number, side: BookSide): void;
  onTick(tick: TickMessage): void;
  onGap(gap: GapMessage): void;
  /** A delta came whose base is not the side held: nothing of that side can be believed until a keyframe comes. */
  onBaseMissing(instrumentId: number, side: Side): void;
}

/** Holds the sides of all instruments in a sequence of messages and brings them up to date. */
export class MessageReader {
  private readonly sides = new Map<number, BookSide>();
  private readonly scratch = new SideLevels();
  private readonly tick: TickMessage = {
    instrumentId: 0,
    stampUs: 0,
    lastPrice: 0,
    volumeDelta: 0,
    aggressor: AGGRESSOR.unknown,
    confidence: 0,
    volume: 0,
    oi: 0,
    previousClose: 0,
  };

  /** The side as it stands; not `known` before its first keyframe. */
  side(instrumentId: number, side: Side): BookSide {
    const key = instrumentId * 2 + side;
    let found = this.sides.get(key);
    if (!found) {
      found = new BookSide(side);
      this.sides.set(key, found);
    }
    return found;
  }

  /** Forgets everything: what comes next starts with keyframes. */
  reset(): void {
    this.sides.clear();
  }

  /** Takes in messages standing one after the other. @throws CodecError where the bytes are no messages. */
  read(bytes: Uint8Array, handler: MessageHandler): void {
    const reader = new ByteReader(bytes);
    while (reader.remaining > 0) {
      const length = reader.varint();
      if (length === 0) continue;
      const start = reader.position;
      if (length > reader.remaining) throw new CodecError(`message of ${length} bytes, ${reader.remaining} are there`);
      this.message(new ByteReader(bytes, start, start + length), handler);
      reader.position = start + length;
    }
  }

  private message(reader: ByteReader, handler: MessageHandler): void {
    const type = reader.u8();
    const instrumentId = reader.varint();
    switch (type) {
      case TYPE.keyframe: {
        const side = this.side(instrumentId, readSide(reader));
        // Until all of it is read: bytes that are no message leave half a side behind.
        side.known = false;
        side.seq = reader.varint();
        side.bookTimeUs = reader.varint();
        side.stampUs = side.bookTimeUs + reader.varint();
        decodeLevels(reader, side.side, side.levels);
        side.known = true;
        handler.onDepth(instrumentId, side);
        break;
      }
      case TYPE.delta: {
        const side = this.side(instrumentId, readSide(reader));
        const base = reader.varint();
        if (!side.known || side.seq !== base) {
          side.known = false;
          handler.onBaseMissing(instrumentId, side.side);
          break;
        }
        side.known = false;
        side.seq = (base + 1) % SEQ_MODULUS;
        side.bookTimeUs += reader.zigzag();
        side.stampUs = side.bookTimeUs + reader.varint();
        applyDelta(reader, side.side, side.levels, this.scratch);
        side.levels.copyFrom(this.scratch);
        side.known = true;
        handler.onDepth(instrumentId, side);
        break;
      }
      case TYPE.tick: {
        const { tick } = this;
        tick.instrumentId = instrumentId;
        tick.stampUs = reader.varint();
        tick.lastPrice = reader.zigzag();
        tick.volumeDelta = reader.varint();
        const bits = reader.u8();
        tick.aggressor = (bits & 3) as Aggressor;
        tick.confidence = bits >> 2;
        tick.volume = reader.varint();
        tick.oi = reader.varint();
        tick.previousClose = reader.zigzag();
        handler.onTick(tick);
        break;
      }
      case TYPE.gap:
        handler.onGap({ instrumentId, fromUs: reader.varint(), toUs: reader.varint(), cause: reader.text() });
        break;
      default:
        // A later version's message: its length lets an older reader pass over it.
        break;
    }
  }
}

function readSide(reader: ByteReader): Side {
  const side = reader.u8();
  if (side !== BID && side !== ASK) throw new CodecError(`side ${side}`);
  return side;
}

const body = new ByteWriter(4096);
const framed = new ByteWriter(4096);

function begin(type: number): void {
  body.reset();
  body.u8(type);
}

function finish(): Uint8Array {
  framed.reset();
  framed.varint(body.position);
  framed.raw(body.view());
  while (framed.position % 3 !== 0) framed.u8(0);
  return framed.copy();
}
