/** How much has to be drawn again. Changes do not draw: they raise the level, and one animation frame serves them all. */
export const DIRTY = { nothing: 0, cursor: 1, picture: 2 } as const;
export type Dirty = (typeof DIRTY)[keyof typeof DIRTY];
