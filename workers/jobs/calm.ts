/** When work that weighs is out of the recording's way. */
import type { MarketHours } from '../../lib/calendar/hours.ts';
import type { Plan } from '../../lib/core/plan.ts';

/** How long from now until nothing of the plan is recorded, ms. 0 also where the market never closes: no time is better there. */
export function untilCalmMs(hours: MarketHours, plan: Plan | null, nowUs: number): number {
  if (hours.mode === 'always') return 0;
  const instruments = plan?.feeds.flatMap((feed) => feed.instruments) ?? [];
  const spans = hours.recordingSpans(instruments, nowUs, nowUs);
  const toUs = spans.find((span) => nowUs >= span.fromUs && nowUs < span.toUs)?.toUs ?? nowUs;
  return Math.ceil((toUs - nowUs) / 1000);
}
