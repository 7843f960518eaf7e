/** Where "now" ends on the time axis. */
import { SILENCE_US } from './depth-model.ts';
import { columnOf } from './tiers.ts';

/**
 * The time that following keeps at the right edge: the end of the current column. Where no frames come it goes on, so
 * that the missing time is seen to grow, but not beyond half of the chart (or SILENCE_US, where no gap is recorded: the
 * market is closed): what was last known stays on the screen.
 *
 * @param lastFrameUs newest frame of either side; 0 where there is none
 * @param spanUs time that the chart shows
 */
export function liveEdgeUs(
  nowUs: number,
  lastFrameUs: number,
  gapOpen: boolean,
  spanUs: number,
  columnUs: number,
): number {
  const aheadUs = gapOpen ? spanUs / 2 : Math.min(SILENCE_US, spanUs / 2);
  const edgeUs = lastFrameUs === 0 ? nowUs : Math.min(nowUs, lastFrameUs + aheadUs);
  return (columnOf(edgeUs, columnUs) + 1) * columnUs;
}
