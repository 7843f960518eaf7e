/**
 * How much has to be done again. Changes do not draw: they raise the level, and one animation frame serves them all.
 * `cursor` paints what was worked out for the last picture once more; `picture` works it out anew.
 */
export const DIRTY = { nothing: 0, cursor: 1, picture: 2 } as const;
export type Dirty = (typeof DIRTY)[keyof typeof DIRTY];
