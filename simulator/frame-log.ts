/**
 * What was sent, frame by frame, of every series, within a bounded amount of memory: chunks of typed arrays, of which
 * the oldest of all series is given up when there are too many. A chunk carries the sums before it, so that the state
 * after any frame still held is one short addition away.
 */

/** Frames in a chunk: small enough that a series of few frames costs little. */
const CHUNK_FRAMES = 1024;
/** Frames held over all series: about ten hours of 5 instruments at 10 side frames/s, in 42 MB (21 bytes a frame). */
const LOG_FRAMES_MAX = 2_000_000;

export interface FrameSums {
  readonly frames: number;
  readonly levels: number;
  /** A sum of residues below 2^26: exact in a double for 10^8 frames, which the log's readers fold into a bigint. */
  readonly checksum: bigint;
  readonly lastUs: number;
}

export interface LoggedFrame {
  /** 1-based place of the frame within its series. */
  readonly ordinal: number;
  readonly sentUs: number;
  readonly checksum: number;
}

class Chunk {
  count = 0;
  readonly sentUs = new Float64Array(CHUNK_FRAMES);
  /** Recording time, in the recording's unit since its origin; 0 where nothing is recorded. */
  readonly recordedAt = new Float64Array(CHUNK_FRAMES);
  readonly checksums = new Uint32Array(CHUNK_FRAMES);
  readonly levels = new Uint8Array(CHUNK_FRAMES);

  constructor(
    readonly log: FrameLog,
    /** Everything before this chunk's first frame. */
    readonly before: FrameSums,
  ) {}
}

/** The memory that all series share. */
export class FrameLogBudget {
  private readonly chunks: Chunk[] = [];

  constructor(private readonly chunksMax = Math.floor(LOG_FRAMES_MAX / CHUNK_FRAMES)) {}

  allot(log: FrameLog, before: FrameSums): Chunk {
    if (this.chunks.length >= this.chunksMax) {
      const oldest = this.chunks.shift() as Chunk;
      oldest.log.forget(oldest);
    }
    const chunk = new Chunk(log, before);
    this.chunks.push(chunk);
    return chunk;
  }
}

/** The frames of one series. */
export class FrameLog {
  frames = 0;
  levels = 0;
  firstUs = 0;
  lastUs = 0;
  private lastRecordedAt = 0;
  private checksumLow = 0;
  private checksumHigh = 0n;
  private chunks: Chunk[] = [];

  constructor(private readonly budget: FrameLogBudget) {}

  get sums(): FrameSums {
    return { frames: this.frames, levels: this.levels, checksum: this.checksum, lastUs: this.lastUs };
  }

  get checksum(): bigint {
    return this.checksumHigh + BigInt(this.checksumLow);
  }

  add(sentUs: number, recordedAt: number, checksum: number, levels: number): void {
    let chunk = this.chunks.at(-1);
    if (!chunk || chunk.count === CHUNK_FRAMES) {
      chunk = this.budget.allot(this, this.sums);
      this.chunks.push(chunk);
    }
    const at = chunk.count++;
    chunk.sentUs[at] = sentUs;
    chunk.recordedAt[at] = recordedAt;
    chunk.checksums[at] = checksum;
    chunk.levels[at] = levels;
    if (this.frames === 0) this.firstUs = sentUs;
    this.lastUs = sentUs;
    this.lastRecordedAt = recordedAt;
    this.frames += 1;
    this.levels += levels;
    this.checksumLow += checksum;
    if (this.checksumLow > CHECKSUM_FOLD) {
      this.checksumHigh += BigInt(this.checksumLow);
      this.checksumLow = 0;
    }
  }

  /** Sums over the frames whose recording time is before `at`; null where those frames are no longer held. */
  before(at: number): FrameSums | null {
    const { chunks } = this;
    if (this.frames === 0 || at > this.lastRecordedAt) return this.sums;
    // Recording times never go back within a series, so chunks and their frames are in order.
    const index = chunks.findLastIndex((chunk) => (chunk.recordedAt[0] as number) < at);
    const chunk = chunks[index];
    if (!chunk) return chunks[0]?.before.frames === 0 ? NOTHING : null;
    let { levels, checksum, lastUs } = chunk.before;
    let count = 0;
    let sum = 0;
    for (; count < chunk.count && (chunk.recordedAt[count] as number) < at; count += 1) {
      levels += chunk.levels[count] as number;
      sum += chunk.checksums[count] as number;
      lastUs = chunk.sentUs[count] as number;
    }
    checksum += BigInt(sum);
    return { frames: chunk.before.frames + count, levels, checksum, lastUs };
  }

  /** Up to `limit` frames from an ordinal on; fewer where older ones are no longer held. */
  read(fromOrdinal: number, limit: number): LoggedFrame[] {
    const frames: LoggedFrame[] = [];
    for (const chunk of this.chunks) {
      const first = chunk.before.frames + 1;
      for (let i = Math.max(0, fromOrdinal - first); i < chunk.count && frames.length < limit; i += 1) {
        frames.push({
          ordinal: first + i,
          sentUs: chunk.sentUs[i] as number,
          checksum: chunk.checksums[i] as number,
        });
      }
    }
    return frames;
  }

  /** Called by the budget. */
  forget(chunk: Chunk): void {
    this.chunks = this.chunks.filter((held) => held !== chunk);
  }
}

const NOTHING: FrameSums = { frames: 0, levels: 0, checksum: 0n, lastUs: 0 };
/** Far below 2^53, above which a sum of doubles would no longer be exact. */
const CHECKSUM_FOLD = 2 ** 50;
