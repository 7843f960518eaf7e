/** What every page of the scrolling heatmap offers to the bench, and the measures that all of them draw. */

/** As many as a screen of 1,433 pixels leaves to the chart; one pixel each. */
export const COLUMNS = 1193;
/** One pixel each. */
export const ROWS = 443;
/** Ticks a row: with these the future's 200 levels a side light some 55 % of the cells. */
export const ROW_TICKS = 2;

export interface Scrolled {
  readonly frames: number;
  /** Columns and rows in the picture at its end. */
  readonly columns: number;
  readonly rows: number;
}

/** Paints so many frames, each of them one column further; resolves once the last one is out. */
export type Scroll = (frames: number) => Promise<Scrolled>;

declare global {
  // Set once the first picture is painted.
  var scrollColumns: Scroll | undefined;
}

const nextFrame = (): Promise<number> => new Promise(requestAnimationFrame);

/** Calls `step` in every animation frame; afterwards gives what the last call has caused time to be painted. */
export async function eachFrame(frames: number, step: () => void): Promise<void> {
  for (let i = 0; i < frames; i += 1) {
    await nextFrame();
    step();
  }
  await nextFrame();
  await nextFrame();
}
