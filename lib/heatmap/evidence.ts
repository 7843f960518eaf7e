/** What a signal rests on, as a region of the picture, and how an address says it. */

export interface Evidence {
  /** µs since the epoch. */
  readonly fromUs: number;
  readonly toUs: number;
  /** Price units; null where it is of the book as a whole. */
  readonly lowPrice: number | null;
  readonly highPrice: number | null;
  readonly side: 'bid' | 'ask' | null;
  readonly words: string;
}

const WORDS_MAX = 80;

export const evidenceText = ({ fromUs, toUs, lowPrice, highPrice, side, words }: Evidence): string =>
  [fromUs, toUs, lowPrice ?? '', highPrice ?? '', side ?? '', words].join('~');

/** Null where the text of an address is none. */
export function readEvidence(text: unknown): Evidence | null {
  if (typeof text !== 'string') return null;
  const [from = '', to = '', low = '', high = '', side = '', ...words] = text.split('~');
  const numbers = [from, to].map(Number);
  const prices = [low, high].map((each) => (each === '' ? null : Number(each)));
  if (from === '' || to === '' || ![...numbers, ...prices].every((each) => each === null || Number.isSafeInteger(each)))
    return null;
  const [fromUs = 0, toUs = 0] = numbers;
  const [lowPrice = null, highPrice = null] = prices;
  if (fromUs <= 0 || toUs < fromUs || (lowPrice === null) !== (highPrice === null)) return null;
  return {
    fromUs,
    toUs,
    lowPrice,
    highPrice,
    side: side === 'bid' || side === 'ask' ? side : null,
    words: words.join('~').slice(0, WORDS_MAX),
  };
}
