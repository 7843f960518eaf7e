/**
 * The proof that nothing was lost: every frame that the exchange handed to a socket is stored once and unaltered, in
 * order, or was sent while a gap stands recorded; and a gap stands only where nobody was listening.
 */
import { expect } from 'vitest';
import type { Instance } from './instance.ts';
import { type Gap, type LedgerFrame, outagesOf, sentFrames, storedFrames, storedGaps } from './sent-and-stored.ts';

export type { Gap };

/** A gap may be longer than the outage by so much: from the last frame before it and to the first after it. */
const GAP_EXCESS_US = 1_000_000;
/** A frame is handed to a socket a little before it is stamped. */
const HANDOVER_US = 200_000;

/** Checks one instance whose exchange has stopped sending and whose writers have caught up. */
export async function expectNothingLost(instance: Instance): Promise<{ gaps: Gap[]; frames: number }> {
  const gaps = await storedGaps(instance);
  let frames = 0;
  for (const series of await instance.sent()) {
    if (series.frames === 0) continue;
    const sent = await sentFrames(instance, series);
    const stored = (await storedFrames(instance, series)).map(({ checksum }) => checksum);
    const name = `${series.feed} ${series.kind} ${series.instrument}`;
    const lost = unmatched(sent, stored);
    expect(lost, `${name}: a stored frame was not sent, or stands out of order or twice`).not.toBeNull();
    for (const { sentUs } of lost ?? []) {
      const covered = gaps.some(
        ({ feed, fromUs, toUs }) => feed === series.feed && sentUs >= fromUs - HANDOVER_US && sentUs <= toUs,
      );
      expect(covered, `${name}: a frame sent at ${sentUs} is neither stored nor in a gap`).toBe(true);
    }
    frames += sent.length;
  }
  await expectTrueGaps(instance, gaps);
  return { gaps, frames };
}

/** Every gap lies over an outage, and is hardly longer. */
async function expectTrueGaps(instance: Instance, gaps: readonly Gap[]): Promise<void> {
  const outages = await outagesOf(instance);
  for (const gap of gaps) {
    const over = outages
      .map(({ feed, fromUs, toUs }) => ({ feed, fromUs, toUs: toUs ?? Number.POSITIVE_INFINITY }))
      .filter(({ feed, fromUs, toUs }) => feed === gap.feed && fromUs <= gap.toUs && toUs >= gap.fromUs);
    const name = `gap of ${gap.feed} by ${gap.cause} from ${gap.fromUs} to ${gap.toUs}`;
    expect(over.length, `${name}: no outage`).toBeGreaterThan(0);
    const outageUs = Math.max(...over.map(({ fromUs, toUs }) => toUs - fromUs));
    // Both may still last.
    if (gap.toUs - gap.fromUs !== outageUs) {
      expect(gap.toUs - gap.fromUs, `${name}, outage of ${outageUs} µs`).toBeLessThan(outageUs + GAP_EXCESS_US);
    }
  }
}

/** Frames of `sent` that `stored` lacks; null where `stored` is no subsequence of it. */
function unmatched(sent: readonly LedgerFrame[], stored: readonly number[]): LedgerFrame[] | null {
  const lost: LedgerFrame[] = [];
  let at = 0;
  for (const frame of sent) {
    if (stored[at] === frame.checksum) at += 1;
    else lost.push(frame);
  }
  return at === stored.length ? lost : null;
}
