/** From a feed's raw frames to the entries of its stream: deterministic, so that a journal can be gone through again. */
import type { Feed } from '../core/feeds.ts';
import type { GapCause } from '../core/gap.ts';
import type { Instrument } from '../core/instrument.ts';
import type { InstrumentTimes } from '../core/instrument-times.ts';
import { IST_OFFSET_US } from '../core/ist.ts';
import { RECORD, type RecordKind } from '../journal/format.ts';
import { EntryWriter } from '../queue/entry.ts';
import type { WireErrors } from '../wire/errors.ts';

/** Events in a journal, as JSON, beside the raw frames. */
export type FeedEvent =
  /** First record of a segment: what its frames are about, and the decoder's state before them. */
  | {
      readonly type: 'opened';
      readonly feed: string;
      readonly instruments: readonly Instrument[];
      readonly state: unknown;
    }
  /** Other instruments are asked for from now on. */
  | { readonly type: 'instruments'; readonly instruments: readonly Instrument[] }
  /** Nothing is known from `fromUs` on. */
  | { readonly type: 'gap_opened'; readonly fromUs: number; readonly cause: GapCause }
  /** The feed gives data again: its first frame is stamped `toUs`. */
  | { readonly type: 'gap_closed'; readonly fromUs: number; readonly toUs: number; readonly cause: GapCause };

export const encodeEvent = (event: FeedEvent): Buffer => Buffer.from(JSON.stringify(event));
export const decodeEvent = (payload: Buffer): FeedEvent => JSON.parse(payload.toString('utf8')) as FeedEvent;

/** What a broker's feed kind has of its own: how its frames become records. */
export interface FrameDecoder {
  /** Instruments whose packets are to be believed; others are rejected, and what was remembered of them is forgotten. */
  setInstruments(instruments: readonly Instrument[]): void;
  /** Writes the records of a frame; what cannot be believed goes into `errors` of the frame. */
  decode(stampUs: number, frame: Uint8Array, entry: EntryWriter): WireErrors;
  /** Frames were missed: what was remembered of the frame before is no base any more. */
  noteGap(): void;
  /** What has to be remembered from frame to frame, as plain data. */
  state(): unknown;
  /** Takes back what `state` gave. */
  restore(state: unknown): void;
}

/** Bytes of impossible packets kept in the database a feed and day; more are only counted. */
const QUARANTINE_BYTES_MAX = 10 * 1024 * 1024;
const US_PER_DAY = 86_400_000_000;
/** Of one frame at most these bytes are kept: its beginning tells what it is. */
const QUARANTINE_FRAME_BYTES = 4096;

/** Goes through the records of one feed's journal, live or again, and gives the stream's entries. */
export class FeedDecoder {
  private readonly entry = new EntryWriter();
  private instruments: readonly Instrument[] = [];
  private quarantineBytes = 0;
  /** Day in India that these are of, since the epoch. */
  private quarantineDay = 0;
  /** Packets that could not be believed. */
  rejects = 0;
  /** Faults of the last frame; overwritten by the next. */
  lastErrors: WireErrors | null = null;
  /** Stamp of the last frame with data. */
  lastDataUs = 0;
  /** The gap that stands open, if one does. */
  openGap: { fromUs: number; cause: GapCause } | null = null;

  /** @param times who notes which instruments give data; null where a journal is gone through again */
  constructor(
    readonly feed: Feed,
    private readonly frames: FrameDecoder,
    private readonly times: InstrumentTimes | null = null,
  ) {
    this.entry.times = times;
  }

  /** Payload of the `opened` event of a segment that begins now. */
  checkpoint(): FeedEvent {
    const { lastDataUs, openGap, quarantineBytes, quarantineDay } = this;
    const state: CheckpointState = { lastDataUs, openGap, quarantineBytes, quarantineDay, frames: this.frames.state() };
    return { type: 'opened', feed: this.feed.name, instruments: this.instruments, state };
  }

  /**
   * Takes in one record. @returns the bytes of the stream's entry for it; null where it has none (heartbeats, openings)
   */
  take(stampUs: number, kind: RecordKind, payload: Buffer): Buffer | null {
    this.entry.begin();
    if (kind === RECORD.event) this.event(stampUs, decodeEvent(payload));
    else this.frame(stampUs, payload);
    return this.entry.finish();
  }

  private frame(stampUs: number, frame: Buffer): void {
    if (this.times) this.times.stampUs = stampUs;
    const errors = this.frames.decode(stampUs, frame, this.entry);
    if (this.entry.hasData) this.lastDataUs = stampUs;
    this.rejects += errors.count;
    this.lastErrors = errors;
    const day = Math.floor((stampUs + IST_OFFSET_US) / US_PER_DAY);
    if (errors.count > 0 && day !== this.quarantineDay) {
      this.quarantineBytes = 0;
      this.quarantineDay = day;
    }
    for (const { code, packet, message } of errors.kept) {
      // The frame itself is kept once, with its first fault.
      const bytes = frame.subarray(0, code === errors.kept[0]?.code ? QUARANTINE_FRAME_BYTES : 0);
      if (this.quarantineBytes + bytes.length > QUARANTINE_BYTES_MAX) break;
      this.quarantineBytes += bytes.length;
      this.entry.reject(packet, code, message, bytes);
    }
  }

  private event(stampUs: number, event: FeedEvent): void {
    switch (event.type) {
      case 'opened': {
        const { lastDataUs, openGap, quarantineBytes, quarantineDay, frames } = event.state as CheckpointState;
        this.lastDataUs = lastDataUs;
        this.openGap = openGap;
        this.quarantineBytes = quarantineBytes;
        this.quarantineDay = quarantineDay ?? 0;
        this.adoptInstruments(event.instruments);
        this.frames.restore(frames);
        break;
      }
      case 'instruments':
        this.changeInstruments(stampUs, event.instruments);
        break;
      case 'gap_opened':
        this.openGap = { fromUs: event.fromUs, cause: event.cause };
        this.frames.noteGap();
        this.entry.gap({ fromUs: event.fromUs, toUs: 0, cause: event.cause, instrumentIds: this.instrumentIds });
        break;
      case 'gap_closed':
        this.openGap = null;
        this.entry.gap({
          fromUs: event.fromUs,
          toUs: event.toUs,
          cause: event.cause,
          instrumentIds: this.instrumentIds,
        });
        break;
    }
  }

  get instrumentIds(): number[] {
    return this.instruments.map(({ id }) => id);
  }

  /**
   * An open gap ends here for those asked for until now and begins here for those asked for from now on: nobody has a gap from
   * before it was asked for. Where none stays, nothing is missed by those who come: the feed begins anew.
   */
  private changeInstruments(stampUs: number, instruments: readonly Instrument[]): void {
    const before = new Set(this.instrumentIds);
    const beginsAnew = before.size > 0 && !instruments.some(({ id }) => before.has(id));
    const changed = instruments.length !== before.size || !instruments.every(({ id }) => before.has(id));
    // Where data has come since, the gap is closing already.
    const openGap = changed && this.openGap && this.lastDataUs <= this.openGap.fromUs ? this.openGap : null;
    if (openGap) {
      this.entry.gap({ ...openGap, toUs: stampUs, instrumentIds: [...before] });
      this.openGap = beginsAnew ? null : { fromUs: stampUs, cause: openGap.cause };
    }
    if (beginsAnew) this.lastDataUs = 0;
    this.adoptInstruments(instruments);
    if (openGap && this.openGap) this.entry.gap({ ...this.openGap, toUs: 0, instrumentIds: this.instrumentIds });
  }

  private adoptInstruments(instruments: readonly Instrument[]): void {
    this.instruments = instruments;
    this.frames.setInstruments(instruments);
  }
}

interface CheckpointState {
  readonly lastDataUs: number;
  readonly openGap: { readonly fromUs: number; readonly cause: GapCause } | null;
  readonly quarantineBytes: number;
  /** Missing in journals from before it was kept. */
  readonly quarantineDay?: number;
  readonly frames: unknown;
}
