/** Whether the tour of the heatmap was gone through or left in this browser: then it is not shown again by itself. */
import { keep, readKept } from './kept.ts';

const KEY = 'gehra.tour';

export const tourIsSeen = (): boolean => readKept(KEY) === true;
export const keepTourSeen = (): void => keep(KEY, true);
