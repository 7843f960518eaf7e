/**
 * Byte-mutating fuzzer for decoders: takes good frames, damages them, and holds the decoder to what it promises of any
 * bytes. Everything comes from one seed; a failure names it, with the frame.
 */
import { Random } from '../../simulator/market/random.ts';

/** A decoder under test. */
export interface FuzzTarget {
  readonly name: string;
  /** Frames to start from; the longer the list, the more a splice can bring together. */
  readonly seeds: readonly Uint8Array[];
  /** Decodes `frame`. @throws whatever it likes where the result breaks a promise: the run ends there. */
  decode(frame: Uint8Array): FuzzResult;
}

export interface FuzzResult {
  /** Of everything that the decoder said, so that two results can be compared. */
  readonly digest: number;
  /** Records that came out, and refusals that were counted. */
  readonly records: number;
  readonly errors: number;
}

export interface FuzzReport {
  readonly frames: number;
  /** Frames from which at least one record came, and in which at least one thing was refused. */
  readonly withRecords: number;
  readonly withErrors: number;
}

/** Longest damaged frame, bytes. */
const FRAME_MAX = 16_384;
/** What lies around a frame in its buffer, and how far from the buffer's start it begins (7: off every alignment). */
const SURROUNDINGS = [
  { filler: 0x00, shift: 0 },
  { filler: 0xff, shift: 7 },
] as const;
const MARGIN = 64;
/** So often an undamaged frame comes between, which must decode as it did before. */
const GOOD_FRAME_EVERY = 32;

export function fuzz(target: FuzzTarget, frames: number, seed: number): FuzzReport {
  const random = new Random(seed, 0);
  const rooms = SURROUNDINGS.map(({ filler, shift }) => ({
    filler,
    shift,
    bytes: new Uint8Array(FRAME_MAX + 2 * MARGIN).fill(filler),
  }));
  const decodeIn = ({ filler, shift, bytes }: (typeof rooms)[number], frame: Uint8Array): FuzzResult => {
    bytes.set(frame, shift);
    try {
      return target.decode(bytes.subarray(shift, shift + frame.length));
    } finally {
      bytes.fill(filler, shift, shift + frame.length);
    }
  };
  const good = target.seeds.map((frame) => target.decode(frame).digest);

  const mutant = new Mutant(target.seeds, random);
  let withRecords = 0;
  let withErrors = 0;
  for (let n = 0; n < frames; n += 1) {
    const frame = mutant.next();
    try {
      const [first, second] = rooms.map((room) => decodeIn(room, frame)) as [FuzzResult, FuzzResult];
      if (first.digest !== second.digest) throw new Error('the result depends on bytes outside the frame');
      if (first.records > 0) withRecords += 1;
      if (first.errors > 0) withErrors += 1;
      if (n % GOOD_FRAME_EVERY === 0) {
        const i = random.below(good.length);
        const { digest } = target.decode(target.seeds[i] as Uint8Array);
        if (digest !== good[i]) throw new Error(`good frame ${i} decodes otherwise after this one`);
      }
    } catch (error) {
      const bytes = Buffer.from(frame).toString('hex');
      throw new Error(`${target.name}, seed ${seed}, frame ${n}: ${bytes}`, { cause: error });
    }
  }
  return { frames, withRecords, withErrors };
}

const BYTES = [0x00, 0x01, 0x7f, 0x80, 0xfe, 0xff];
const U16 = [0, 1, 7, 8, 11, 12, 100, 0x7fff, 0x8000, 0xfffe, 0xffff];
const U32 = [0, 1, 19, 20, 199, 200, 201, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1];
const FLOATS = [
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  -1,
  -0,
  0,
  1e308,
  1e-308,
  0.005,
  2 ** 31,
];
/** Headers are few bytes among many: half of all damage goes to the beginning. */
const HEADER_BYTES = 16;

function pick<T>(random: Random, from: readonly T[]): T {
  if (from.length === 0) throw new RangeError('nothing to pick from');
  return from[random.below(from.length)] as T;
}

/** Makes one damaged frame after the other in one buffer. */
class Mutant {
  private readonly bytes = new Uint8Array(FRAME_MAX);
  private readonly view = new DataView(this.bytes.buffer);
  private length = 0;

  constructor(
    private readonly seeds: readonly Uint8Array[],
    private readonly random: Random,
  ) {}

  /** The next frame; valid until the one after. */
  next(): Uint8Array {
    this.length = 0;
    this.append(pick(this.random, this.seeds));
    const times = 1 + this.random.below(4);
    for (let i = 0; i < times; i += 1) this.damage();
    return this.bytes.subarray(0, this.length);
  }

  private append(part: Uint8Array): void {
    const fitting = part.subarray(0, FRAME_MAX - this.length);
    this.bytes.set(fitting, this.length);
    this.length += fitting.length;
  }

  private at(): number {
    const { random, length } = this;
    return random.below(random.below(2) === 0 ? Math.min(length, HEADER_BYTES) : length);
  }

  private damage(): void {
    const { random, bytes, view } = this;
    if (this.length === 0) {
      this.append(pick(random, this.seeds));
      return;
    }
    const at = this.at();
    const littleEndian = random.below(2) === 0;
    switch (random.below(10)) {
      case 0:
        bytes[at] = (bytes[at] as number) ^ (1 << random.below(8));
        break;
      case 1:
        bytes[at] = random.below(256);
        break;
      case 2:
        bytes[at] = pick(random, BYTES);
        break;
      case 3:
        if (at + 2 <= this.length) view.setUint16(at, pick(random, U16), littleEndian);
        break;
      case 4:
        if (at + 4 <= this.length) view.setUint32(at, pick(random, U32), littleEndian);
        break;
      case 5:
        if (at + 4 <= this.length) view.setFloat32(at, pick(random, FLOATS), true);
        break;
      case 6:
        if (at + 8 <= this.length) view.setFloat64(at, pick(random, FLOATS), true);
        break;
      case 7:
        this.length = at;
        break;
      case 8: {
        const gone = Math.min(1 + random.below(40), this.length - at);
        bytes.copyWithin(at, at + gone, this.length);
        this.length -= gone;
        break;
      }
      default: {
        const other = pick(random, this.seeds);
        this.append(other.subarray(random.below(2) === 0 ? 0 : random.below(other.length + 1)));
      }
    }
  }
}

/** Digest of numbers, in order. */
export class Digest {
  private hash = 0x811c9dc5;

  add(value: number): void {
    const low = value | 0;
    this.hash = Math.imul(this.hash ^ low, 0x01000193);
    // What the lower 32 bits do not say.
    if (low !== value) this.hash = Math.imul(this.hash ^ Math.floor(value / 0x1_0000_0000), 0x01000193);
  }

  get value(): number {
    return this.hash >>> 0;
  }
}
