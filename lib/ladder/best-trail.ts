/** Where the best prices have been lately: the chase of bid and ask. */

/** A second of a lively contract has at most 40 books; most do not move the touch. */
const POINTS_MAX = 2048;
/** No best price. */
export const NO_BEST = 0;

export class BestTrail {
  private readonly stampsUs = new Float64Array(POINTS_MAX);
  private readonly bids = new Int32Array(POINTS_MAX);
  private readonly asks = new Int32Array(POINTS_MAX);
  private noted = 0;

  /** Price units; NO_BEST where a side is not known. Stamps must not fall. */
  note(stampUs: number, bid: number, ask: number): void {
    const last = (this.noted - 1) % POINTS_MAX;
    if (this.noted > 0 && this.bids[last] === bid && this.asks[last] === ask) return;
    const at = this.noted % POINTS_MAX;
    this.stampsUs[at] = stampUs;
    this.bids[at] = bid;
    this.asks[at] = ask;
    this.noted += 1;
  }

  /** Oldest first: each point holds until the next; the first is the one in force at `fromUs`. */
  since(fromUs: number, take: (stampUs: number, bid: number, ask: number) => void): void {
    const oldest = Math.max(0, this.noted - POINTS_MAX);
    let first = this.noted - 1;
    while (first > oldest && (this.stampsUs[first % POINTS_MAX] as number) > fromUs) first -= 1;
    for (let i = Math.max(0, first); i < this.noted; i += 1) {
      const at = i % POINTS_MAX;
      take(this.stampsUs[at] as number, this.bids[at] as number, this.asks[at] as number);
    }
  }
}
