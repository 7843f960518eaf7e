/**
 * Bid and ask sides arrive in frames of their own, and no source says which comes first. The two that belong together
 * share a `book_time`: a side takes the stamp of the opposite side's frame if that one is still unpaired and at most
 * PAIR_WINDOW_US old, else its own.
 */
import { ASK, BID, type Side } from '../core/side.ts';

/** A cycle of the feed is about 200 ms: half of it tells a partner from a stranger. */
export const PAIR_WINDOW_US = 100_000;

/** Stamp of each side's last frame while no opposite frame has been paired with it; 0 otherwise. */
export interface PairState {
  unpairedBidUs: number;
  unpairedAskUs: number;
}

export const newPairState = (): PairState => ({ unpairedBidUs: 0, unpairedAskUs: 0 });

/** `book_time` of a frame of `side` stamped `stampUs`. Frames must come in the order of their stamps. */
export function assignBookTime(state: PairState, side: Side, stampUs: number): number {
  const partnerUs = side === BID ? state.unpairedAskUs : state.unpairedBidUs;
  if (partnerUs > 0 && stampUs - partnerUs <= PAIR_WINDOW_US) {
    state.unpairedBidUs = 0;
    state.unpairedAskUs = 0;
    return partnerUs;
  }
  if (side === ASK) state.unpairedAskUs = stampUs;
  else state.unpairedBidUs = stampUs;
  return stampUs;
}
