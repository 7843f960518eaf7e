/** Books and messages for the tests of this folder and of lib/client. */
import { BookSide, encodeTick, SideEncoder, type TickMessage } from '../book/messages.ts';
import { AGGRESSOR } from '../core/aggressor.ts';
import { ASK, BID, type Side, SideLevels } from '../core/side.ts';
import { Frame } from './column-store.ts';
import type { HistoryPage } from './depth-model.ts';
import { emptyTick } from './trades.ts';

export const INSTRUMENT = 7;

/** A round instant: the beginning of a column of every width. */
export const T0 = 1_795_480_000_000_000 - (1_795_480_000_000_000 % 60_000_000);

export type Row = readonly [price: number, quantity: number, orders?: number];

export function levelsOf(rows: readonly Row[]): SideLevels {
  const levels = new SideLevels();
  levels.count = rows.length;
  rows.forEach(([price, quantity, orders = 1], i) => {
    levels.prices[i] = price;
    levels.quantities[i] = quantity;
    levels.orders[i] = orders;
  });
  return levels;
}

export function sideOf(side: Side, stampUs: number, rows: readonly Row[]): BookSide {
  const book = new BookSide(side);
  book.levels.copyFrom(levelsOf(rows));
  book.known = true;
  book.stampUs = stampUs;
  book.bookTimeUs = stampUs;
  return book;
}

export function frameOf(side: Side, stampUs: number, rows: readonly Row[]): Frame {
  const frame = new Frame();
  frame.pointAt(sideOf(side, stampUs, rows));
  return frame;
}

/** A frame's levels as rows again. */
export function rowsOf(frame: Frame): Row[] {
  return Array.from({ length: frame.count }, (_, i): Row => {
    const at = frame.start + i;
    return [frame.prices[at] as number, frame.quantities[at] as number, frame.orders[at] as number];
  });
}

export const tickOf = (stampUs: number, change: Partial<TickMessage> = {}): TickMessage => ({
  ...emptyTick(),
  instrumentId: INSTRUMENT,
  stampUs,
  lastPrice: 1000,
  volumeDelta: 65,
  aggressor: AGGRESSOR.buy,
  confidence: 3,
  volume: stampUs % 1_000_000_007,
  ...change,
});

/** Encodes frames as the server would, each side numbered on its own. */
export class Sender {
  private readonly encoders = [new SideEncoder(INSTRUMENT, BID), new SideEncoder(INSTRUMENT, ASK)] as const;

  frame(side: Side, stampUs: number, rows: readonly Row[], bookTimeUs = stampUs): Uint8Array {
    return this.encoders[side].next(levelsOf(rows), bookTimeUs, stampUs);
  }

  keyframe(side: Side): Uint8Array {
    return this.encoders[side].whole();
  }
}

export const tickMessage = (tick: TickMessage): Uint8Array => encodeTick(tick);

export function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

export interface Recorded {
  readonly side: Side;
  readonly stampUs: number;
  readonly rows: readonly Row[];
}

/** A page as the history endpoint makes it: of each column and side the last frame, in order. */
export function pageOf(
  frames: readonly Recorded[],
  columnUs: number,
  fromUs: number,
  toUs: number,
  completeToUs = toUs,
): { page: HistoryPage; messages: Uint8Array } {
  const last = new Map<string, Recorded>();
  for (const frame of frames) {
    if (frame.stampUs < fromUs || frame.stampUs >= Math.min(toUs, completeToUs)) continue;
    last.set(`${Math.floor(frame.stampUs / columnUs)} ${frame.side}`, frame);
  }
  const sender = new Sender();
  const chosen = [...last.values()].sort((a, b) => a.stampUs - b.stampUs);
  const messages = joined(...chosen.map(({ side, stampUs, rows }) => sender.frame(side, stampUs, rows)));
  return { page: { fromUs, toUs, completeToUs, gaps: [] }, messages };
}
