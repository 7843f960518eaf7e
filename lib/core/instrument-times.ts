/** When each instrument of a feed was asked for, gave its first frame since, and its last. */

/** Times in µs since the epoch; 0: not yet. */
export interface InstrumentTime {
  readonly askedUs: number;
  firstUs: number;
  lastUs: number;
}

export class InstrumentTimes {
  private readonly times = new Map<number, InstrumentTime>();
  /** Stamp of the frame whose records are being noted. */
  stampUs = 0;

  /** Says which instruments are asked for from now on; those that were keep their times. */
  ask(instrumentIds: Iterable<number>, nowUs: number): void {
    const wanted = new Set(instrumentIds);
    for (const id of this.times.keys()) if (!wanted.has(id)) this.times.delete(id);
    for (const id of wanted) if (!this.times.has(id)) this.times.set(id, { askedUs: nowUs, firstUs: 0, lastUs: 0 });
  }

  /** Notes that the frame has something of this instrument. Called for every record: it looks up and no more. */
  note(instrumentId: number): void {
    const time = this.times.get(instrumentId);
    if (!time) return;
    if (time.firstUs === 0) time.firstUs = this.stampUs;
    time.lastUs = this.stampUs;
  }

  entries(): IterableIterator<[number, InstrumentTime]> {
    return this.times.entries();
  }

  /** How many have given nothing since they were asked for. */
  get silent(): number {
    let count = 0;
    for (const { firstUs } of this.times.values()) if (firstUs === 0) count += 1;
    return count;
  }
}
