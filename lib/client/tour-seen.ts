/** What this browser has been shown for the first time, and is not shown again by itself. */
import { keep, readKept } from './kept.ts';

const TOUR = 'gehra.tour';
const START = 'gehra.start';

/** Whether the tour of the heatmap was gone through or left. */
export const tourIsSeen = (): boolean => readKept(TOUR) === true;
export const keepTourSeen = (): void => keep(TOUR, true);

/** Whether somebody here knows where to start: has put that aside, or seen the tour. */
export const startIsKnown = (): boolean => readKept(START) === true || tourIsSeen();
export const keepStartKnown = (): void => keep(START, true);
