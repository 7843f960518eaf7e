/**
 * Appends as the product does, over a connection that goes wrong: an answer is lost, a batch is sent twice, its second
 * half arrives before the first, batches of a while ago arrive once more. Same chance, same faults.
 */
import type { Feed } from '../../lib/core/feeds.ts';
import type { Redis } from '../../lib/queue/redis.ts';
import { type AppendResult, StreamAppender, type StreamEntry } from '../../lib/queue/streams.ts';
import { Random } from '../../simulator/market/random.ts';

/** One append of so many goes wrong. */
const ONE_IN = 3;
/** Batches kept, to arrive once more. */
const KEPT = 8;

interface Sent {
  readonly afterUs: number;
  readonly entries: readonly StreamEntry[];
}

const FAULTS = ['answer lost', 'sent twice', 'halves swapped', 'sent late'] as const;

export class FaultyAppender extends StreamAppender {
  /** Until it is told that all is well again. */
  isFaulty = true;
  faults = 0;
  /** Entries that were sent when they had been sent before. */
  resent = 0;
  private readonly random: Random;
  private readonly stampsSent = new Set<number>();
  private kept: Sent[] = [];

  constructor(redis: Redis, seed: number) {
    super(redis);
    this.random = new Random(seed, 0);
  }

  override async append(feed: Feed, afterUs: number, entries: readonly StreamEntry[]): Promise<AppendResult> {
    const fault = this.isFaulty && this.random.below(ONE_IN) === 0 ? FAULTS[this.random.below(FAULTS.length)] : null;
    if (fault) this.faults += 1;
    if (fault === 'halves swapped') {
      const middle = Math.ceil(entries.length / 2);
      const firstEndUs = entries[middle - 1]?.stampUs ?? afterUs;
      if (middle < entries.length) await this.send(feed, firstEndUs, entries.slice(middle));
    }
    let result = await this.send(feed, afterUs, entries);
    if (fault === 'sent twice') result = await this.send(feed, afterUs, entries);
    if (fault === 'sent late') {
      for (const late of this.kept.toReversed()) await this.send(feed, late.afterUs, late.entries);
    }
    this.kept = [...this.kept, { afterUs, entries }].slice(-KEPT);
    if (fault === 'answer lost') throw new Error('the answer was lost, as this bench wants it');
    return result;
  }

  private send(feed: Feed, afterUs: number, entries: readonly StreamEntry[]): Promise<AppendResult> {
    for (const { stampUs } of entries) {
      if (this.stampsSent.has(stampUs)) this.resent += 1;
      this.stampsSent.add(stampUs);
    }
    return super.append(feed, afterUs, entries);
  }
}
