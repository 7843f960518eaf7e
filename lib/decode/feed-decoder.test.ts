import { describe, expect, it } from 'vitest';
import { feedById } from '../core/feeds.ts';
import type { Instrument } from '../core/instrument.ts';
import { InstrumentTimes } from '../core/instrument-times.ts';
import { istTimeUs } from '../core/ist.ts';
import { BID, SideLevels } from '../core/side.ts';
import { RECORD, type RecordKind } from '../journal/format.ts';
import { EntryReader, type EntryWriter, type GapRecord } from '../queue/entry.ts';
import { saying, WireErrors } from '../wire/errors.ts';
import { encodeEvent, FeedDecoder, type FeedEvent, type FrameDecoder } from './feed-decoder.ts';

const FEED = feedById(21);

/** A frame is the id of the instrument it is of. */
class OneByteDecoder implements FrameDecoder {
  private asked = new Set<number>();
  private readonly errors = new WireErrors();

  setInstruments(instruments: readonly Instrument[]): void {
    this.asked = new Set(instruments.map(({ id }) => id));
  }
  decode(_stampUs: number, frame: Uint8Array, entry: EntryWriter): WireErrors {
    const id = frame[0] as number;
    if (this.asked.has(id)) entry.depth(id, 0, BID, 0, 0, new SideLevels(1));
    return this.errors;
  }
  noteGap(): void {
    // Remembers nothing.
  }
  state(): unknown {
    return null;
  }
  restore(): void {
    // Has nothing to take back.
  }
}

const instruments = (...ids: number[]): FeedEvent => ({
  type: 'instruments',
  instruments: ids.map((id) => ({ id }) as Instrument),
});
const frame = (id: number): Buffer => Buffer.from([id]);

/** A feed's journal as it is made, and the gaps that its entries tell of. */
class Journal {
  readonly records: [number, RecordKind, Buffer][] = [];
  readonly gaps: string[] = [];
  readonly times = new InstrumentTimes();
  readonly decoder = new FeedDecoder(FEED, new OneByteDecoder(), this.times);
  private stampUs = 100;

  event(event: FeedEvent): number {
    return this.take(RECORD.event, encodeEvent(event));
  }
  frame(id: number): number {
    return this.take(RECORD.frame, frame(id));
  }
  openGap(): number {
    return this.event({ type: 'gap_opened', fromUs: this.decoder.lastDataUs, cause: 'disconnected' });
  }
  closeGap(toUs: number): void {
    const { openGap } = this.decoder;
    if (openGap) this.event({ type: 'gap_closed', ...openGap, toUs });
  }

  private take(kind: RecordKind, payload: Buffer): number {
    this.stampUs += 1;
    this.records.push([this.stampUs, kind, payload]);
    this.gaps.push(...gapsOf(this.decoder, this.stampUs, kind, payload));
    return this.stampUs;
  }
}

function gapsOf(decoder: FeedDecoder, stampUs: number, kind: RecordKind, payload: Buffer): string[] {
  const gaps: GapRecord[] = [];
  const bytes = decoder.take(stampUs, kind, payload);
  if (bytes) {
    new EntryReader().read(stampUs, bytes, {
      onDepth: () => undefined,
      onTick: () => undefined,
      onGap: (gap) => gaps.push(gap),
      onReject: () => undefined,
    });
  }
  return gaps.map(({ fromUs, toUs, instrumentIds }) => `${fromUs}-${toUs || ''} of ${instrumentIds.join()}`);
}

describe('instruments that change', () => {
  it('while the feed gives data are a gap for nobody', () => {
    const journal = new Journal();
    journal.event(instruments(1, 2));
    journal.frame(1);
    journal.event(instruments(2, 3));
    journal.frame(3);
    expect(journal.gaps).toEqual([]);
  });

  it('in an open gap: it ends for who goes, and begins there for who comes', () => {
    const journal = new Journal();
    journal.event(instruments(1, 2));
    const last = journal.frame(1);
    journal.openGap();
    const changed = journal.event(instruments(2, 3));
    const first = journal.frame(3);
    journal.closeGap(first);
    expect(journal.gaps).toEqual([
      `${last}- of 1,2`,
      `${last}-${changed} of 1,2`,
      `${changed}- of 2,3`,
      `${changed}-${first} of 2,3`,
    ]);
  });

  it('in a gap that is closing leave it as it is', () => {
    const journal = new Journal();
    journal.event(instruments(1, 2));
    const last = journal.frame(1);
    journal.openGap();
    const first = journal.frame(2);
    journal.event(instruments(2, 3));
    journal.closeGap(first);
    expect(journal.gaps).toEqual([`${last}- of 1,2`, `${last}-${first} of 2,3`]);
  });

  it('all of them are a feed that begins anew: no gap reaches back before they were asked for', () => {
    const journal = new Journal();
    journal.event(instruments(1));
    const last = journal.frame(1);
    journal.openGap();
    const changed = journal.event(instruments(2));
    expect(journal.gaps).toEqual([`${last}- of 1`, `${last}-${changed} of 1`]);
    expect(journal.decoder.openGap).toBeNull();
    expect(journal.decoder.lastDataUs).toBe(0);
    // Taken away altogether: what comes later has no gap either.
    journal.frame(2);
    journal.event(instruments());
    expect(journal.decoder.lastDataUs).toBe(0);
  });

  it('are gone through again with the same result, from the beginning and from a checkpoint', () => {
    const journal = new Journal();
    journal.event(instruments(1, 2));
    journal.frame(1);
    journal.openGap();
    const checkpoint = encodeEvent(journal.decoder.checkpoint());
    const at = journal.records.length;
    journal.event(instruments(2, 3));
    journal.closeGap(journal.frame(3));
    journal.event(instruments(4));
    journal.frame(4);

    const again = new FeedDecoder(FEED, new OneByteDecoder());
    expect(journal.records.flatMap((record) => gapsOf(again, ...record))).toEqual(journal.gaps);
    const later = new FeedDecoder(FEED, new OneByteDecoder());
    gapsOf(later, 1, RECORD.event, checkpoint);
    expect(journal.records.slice(at).flatMap((record) => gapsOf(later, ...record))).toEqual(journal.gaps.slice(1));
    for (const decoder of [again, later]) expect(decoder.checkpoint()).toEqual(journal.decoder.checkpoint());
  });
});

describe('times of instruments', () => {
  it('say who was heard of, and who was not since it was asked for', () => {
    const feed = new Journal();
    feed.times.ask([1, 2], 50);
    feed.event(instruments(1, 2));
    const first = feed.frame(1);
    const last = feed.frame(1);
    expect([...feed.times.entries()]).toEqual([
      [1, { askedUs: 50, firstUs: first, lastUs: last }],
      [2, { askedUs: 50, firstUs: 0, lastUs: 0 }],
    ]);
    expect(feed.times.silent).toBe(1);
    // Who comes back begins anew.
    feed.times.ask([2], 60);
    feed.times.ask([1, 2], 70);
    expect(feed.times.silent).toBe(2);
  });
});

it('keeps no more bytes of impossible packets than a day may, and begins again on the next', () => {
  class Unbelieving extends OneByteDecoder {
    override decode(): WireErrors {
      const errors = new WireErrors();
      errors.add('unknown_code', 0, saying`none`);
      return errors;
    }
  }
  const decoder = new FeedDecoder(FEED, new Unbelieving());
  const isKept = (us: number): boolean => decoder.take(us, RECORD.frame, Buffer.alloc(4096)) !== null;
  const eveningUs = istTimeUs('2026-11-23', '23:59');
  const kept = Array.from({ length: 2561 }, (_, i) => isKept(eveningUs + i)).filter(Boolean);
  expect(kept).toHaveLength(2560);
  const again = new FeedDecoder(FEED, new Unbelieving());
  again.take(eveningUs + 3000, RECORD.event, encodeEvent(decoder.checkpoint()));
  expect(again.take(eveningUs + 3001, RECORD.frame, Buffer.alloc(4096))).toBeNull();
  expect(isKept(istTimeUs('2026-11-24', '00:00'))).toBe(true);
});
