/** The comparison of what was sent with what is stored: pure. */
import type { Gap, LedgerFrame, StoredFrame } from '../support/sent-and-stored.ts';

export interface Matched {
  readonly sentUs: number;
  readonly stored: StoredFrame;
}

export interface Comparison {
  readonly matched: readonly Matched[];
  /** Sent and not stored. */
  readonly lost: readonly LedgerFrame[];
  /** Stored once more where the exchange sent it once more. */
  readonly copies: number;
  /** Stored, but not sent, or out of order, or once too often. */
  readonly strange: readonly StoredFrame[];
}

/**
 * Holds the stored frames of a series against those sent: they are to be a part of them, in their order. A frame that was sent again
 * on purpose may stand again right behind itself, `copiesMax` times in all.
 */
export function compareFrames(sent: readonly LedgerFrame[], stored: readonly StoredFrame[], copiesMax = 0): Comparison {
  const matched: Matched[] = [];
  const lost: LedgerFrame[] = [];
  let at = 0;
  let copies = 0;
  for (const [i, frame] of sent.entries()) {
    const candidate = stored[at];
    if (candidate?.checksum !== frame.checksum) {
      lost.push(frame);
      continue;
    }
    matched.push({ sentUs: frame.sentUs, stored: candidate });
    at += 1;
    // An unchanged book sent twice looks like a copy: the next one sent is believed first.
    if (sent[i + 1]?.checksum === frame.checksum) continue;
    while (copies < copiesMax && stored[at]?.checksum === frame.checksum) {
      copies += 1;
      at += 1;
    }
  }
  return { matched, lost, copies, strange: stored.slice(at) };
}

/** Frames of one feed that are stored, by when they were sent and received; both rise together. */
export class FeedTimeline {
  private readonly byFeed = new Map<number, { sentUs: number; stampUs: number }[]>();

  add(matched: readonly Matched[]): void {
    for (const { sentUs, stored } of matched) {
      const frames = this.byFeed.get(stored.feedId) ?? [];
      this.byFeed.set(stored.feedId, frames);
      frames.push({ sentUs, stampUs: stored.stampUs });
    }
  }

  /** To be called once all are added. */
  sort(): void {
    for (const frames of this.byFeed.values()) frames.sort((a, b) => a.stampUs - b.stampUs);
  }

  /** When the last frame before a gap and the first after it were sent. */
  around(gap: Gap): { lastUs: number; firstUs: number } {
    const frames = this.byFeed.get(gap.feedId) ?? [];
    const last = frames.findLast(({ stampUs }) => stampUs <= gap.fromUs);
    const first = frames.find(({ stampUs }) => stampUs >= gap.toUs);
    return { lastUs: last?.sentUs ?? Number.NEGATIVE_INFINITY, firstUs: first?.sentUs ?? Number.POSITIVE_INFINITY };
  }

  /** Frames received within a gap, its ends left out. */
  within({ feedId, fromUs, toUs }: Gap): number {
    return (this.byFeed.get(feedId) ?? []).filter(({ stampUs }) => stampUs > fromUs && stampUs < toUs).length;
  }

  feeds(): number[] {
    return [...this.byFeed.keys()];
  }
}

/** Frames of one message are stamped one after the other. */
const HANDOVER_US = 200_000;

/** The first gap, of these feeds, over which a frame was sent. No clock but the exchange's is asked. */
export function gapOver(
  { sentUs }: LedgerFrame,
  gaps: readonly (Gap & { readonly lastUs: number; readonly firstUs: number })[],
): Gap | undefined {
  return gaps.find(({ lastUs, firstUs }) => sentUs >= lastUs - HANDOVER_US && sentUs <= firstUs + HANDOVER_US);
}

export interface Interval {
  readonly fromUs: number;
  readonly toUs: number;
}

/** Intervals that touch as one, in order. */
export function joined(intervals: readonly Interval[], slackUs = 0): Interval[] {
  const all: { fromUs: number; toUs: number }[] = [];
  for (const { fromUs, toUs } of intervals.toSorted((a, b) => a.fromUs - b.fromUs)) {
    const last = all.at(-1);
    if (last && fromUs <= last.toUs + slackUs) last.toUs = Math.max(last.toUs, toUs);
    else all.push({ fromUs, toUs });
  }
  return all;
}

export const overlaps = (a: Interval, b: Interval, slackUs = 0): boolean =>
  a.fromUs <= b.toUs + slackUs && a.toUs + slackUs >= b.fromUs;
