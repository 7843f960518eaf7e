/** Which trades a tape shows: asked of the server for those that are stored, and of the stream's by the same rule. */
import type { InstrumentSummary } from '../core/instrument.ts';
import type { TapeSide, TapeTrade } from './tape-rows.ts';

/** Prints that are taken as one where they are at most so far apart, ms. */
export const SPLIT_MS = [0, 50, 200, 1000] as const;

const CONFIDENCE_OBSERVED = 3;

/** What a person has chosen of a tape; lots and rupees, as people write them. */
export interface TapeSettings {
  readonly side: TapeSide | 'all';
  readonly minLots: number | null;
  readonly maxLots: number | null;
  readonly minPrice: number | null;
  readonly maxPrice: number | null;
  readonly observedOnly: boolean;
  readonly splitMs: (typeof SPLIT_MS)[number];
}

/** Layouts are edited and sent by people, so what cannot be is the default. */
export function tapeSettingsOf(settings: Readonly<Record<string, unknown>>): TapeSettings {
  const { side, splitMs, observedOnly } = settings;
  const number = (name: string) => {
    const value = settings[name];
    return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : null;
  };
  return {
    side: (['buy', 'sell', 'unknown'] as const).find((each) => each === side) ?? 'all',
    minLots: number('minLots'),
    maxLots: number('maxLots'),
    minPrice: number('minPrice'),
    maxPrice: number('maxPrice'),
    observedOnly: observedOnly === true,
    splitMs: SPLIT_MS.find((ms) => ms === splitMs) ?? 0,
  };
}

export class TapeFilter {
  /** As `/api/orderflow/tape` takes it. */
  readonly query: {
    readonly side?: TapeSide;
    readonly min_quantity?: number;
    readonly max_quantity?: number;
    readonly min_price?: number;
    readonly max_price?: number;
    readonly min_confidence?: number;
  };

  constructor(settings: TapeSettings, { lotSize, priceScale }: Pick<InstrumentSummary, 'lotSize' | 'priceScale'>) {
    const { side, minLots, maxLots, minPrice, maxPrice, observedOnly } = settings;
    this.query = {
      ...(side === 'all' ? {} : { side }),
      ...(minLots === null ? {} : { min_quantity: Math.ceil(minLots * lotSize) }),
      ...(maxLots === null ? {} : { max_quantity: Math.floor(maxLots * lotSize) }),
      ...(minPrice === null ? {} : { min_price: Math.round(minPrice * priceScale) }),
      ...(maxPrice === null ? {} : { max_price: Math.round(maxPrice * priceScale) }),
      ...(observedOnly ? { min_confidence: CONFIDENCE_OBSERVED } : {}),
    };
  }

  takes({ side, quantity, price, confidence }: Pick<TapeTrade, 'side' | 'quantity' | 'price' | 'confidence'>): boolean {
    const { query } = this;
    return (
      (query.side === undefined || side === query.side) &&
      quantity >= (query.min_quantity ?? 0) &&
      quantity <= (query.max_quantity ?? Number.POSITIVE_INFINITY) &&
      price >= (query.min_price ?? 0) &&
      price <= (query.max_price ?? Number.POSITIVE_INFINITY) &&
      confidence >= (query.min_confidence ?? 0)
    );
  }
}
