import type { Random } from './random.ts';

/** NIFTY 50 at the start, rupees. */
export const INDEX_START = 25_950;
/** INDIA VIX at the start and in the long run: expected moves of the index, percent a year. */
export const VIX_START = 13.2;

/** Standard deviation of the index after a second, as a share: some 27 points over a day's session, a quiet day. */
const VOLATILITY = 7e-6;
/** The same for what a stock does on its own. */
const OWN_VOLATILITY = 1.5e-5;
const VIX_VOLATILITY = 0.008;
/** Seconds after which the VIX has half forgotten where it was. */
const VIX_MEMORY = 3600;

/** What moves every instrument: the index, its expected volatility, and each instrument's own deviation from it. */
export class IndexPath {
  /** Index level over its level at the start. */
  relative = 1;
  vix = VIX_START;
  private readonly own = new Map<string, number>();

  constructor(private readonly random: Random) {}

  /** Deviation of an instrument from what the index says, as a share. */
  ownOf(slug: string): number {
    const value = this.own.get(slug);
    if (value === undefined) this.own.set(slug, 0);
    return value ?? 0;
  }

  step(seconds: number): void {
    const { random } = this;
    const root = Math.sqrt(seconds);
    const shock = random.normal();
    this.relative *= 1 + VOLATILITY * root * shock;
    const pull = ((VIX_START - this.vix) * seconds) / VIX_MEMORY;
    // Fear rises when prices fall.
    this.vix = Math.max(5, this.vix + pull + VIX_VOLATILITY * root * (0.6 * random.normal() - 0.8 * shock));
    for (const [slug, value] of this.own) this.own.set(slug, value + OWN_VOLATILITY * root * random.normal());
  }
}
