/** Who initiated a trade, as far as the feed lets one tell. */
export const AGGRESSOR = { unknown: 0, buy: 1, sell: 2 } as const;
export type Aggressor = (typeof AGGRESSOR)[keyof typeof AGGRESSOR];
