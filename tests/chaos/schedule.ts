/** Which faults come when: a pure function of the seed, the length and the table of faults. */
import { createHash } from 'node:crypto';
import { Random } from '../../simulator/market/random.ts';

/** What planning has to know of a fault. */
export interface FaultShape {
  readonly name: string;
  /** What it strikes: two at once never strike the same. */
  readonly on: string;
  /** Shortest and longest, s; equal where it takes as long as it takes. */
  readonly seconds: readonly [number, number];
  /** Its after-effects outlast a short run: left out of one. */
  readonly isSlow?: boolean;
}

export interface PlannedFault {
  readonly name: string;
  /** How long it lasts, s. */
  readonly seconds: number;
  /** 0 to 1: which of several it strikes, where there are several. */
  readonly pick: number;
}

export interface Strike {
  /** s after the beginning. */
  readonly at: number;
  /** One, or two at once. */
  readonly faults: readonly PlannedFault[];
}

export interface Pace {
  /** How long faults are let loose, s. */
  readonly seconds: number;
  /** From the end of one strike to the next, s. */
  readonly between: readonly [number, number];
  readonly withSlow: boolean;
}

/** A run up to so long is a short one, minutes. */
const SHORT_MINUTES = 6;
/** Before the first. */
const FIRST_AT = 2;
const PAIR_PROBABILITY = 0.4;

/** The pace of a run of so many minutes. */
export const paceOf = (minutes: number): Pace =>
  minutes <= SHORT_MINUTES
    ? { seconds: minutes * 60, between: [3, 7], withSlow: false }
    : { seconds: minutes * 60, between: [5, 20], withSlow: true };

/** Every fault has its turn before one comes again; the order, the lengths and the pairs are the seed's. */
export function planSchedule(seed: number, pace: Pace, table: readonly FaultShape[]): Strike[] {
  const random = new Random(seed, 0);
  const pool = table.filter(({ isSlow }) => pace.withSlow || !isSlow);
  let deck: FaultShape[] = [];
  const draw = (unlike?: string): FaultShape | undefined => {
    if (deck.length === 0) deck = shuffled(pool, random);
    const index = deck.findIndex(({ on }) => on !== unlike);
    return index < 0 ? undefined : deck.splice(index, 1)[0];
  };
  const planned = ({ name, seconds: [min, max] }: FaultShape): PlannedFault => ({
    name,
    seconds: round(min + random.uniform() * (max - min)),
    pick: round(random.uniform()),
  });

  const strikes: Strike[] = [];
  for (let at = FIRST_AT; at < pace.seconds; ) {
    const first = draw();
    if (!first) break;
    const second = random.chance(PAIR_PROBABILITY) ? draw(first.on) : undefined;
    const faults = (second ? [first, second] : [first]).map(planned);
    strikes.push({ at: round(at), faults });
    const [min, max] = pace.between;
    at += Math.max(...faults.map(({ seconds }) => seconds)) + min + random.uniform() * (max - min);
  }
  return strikes;
}

/** The same for the same schedule only. */
export const digestOf = (strikes: readonly Strike[]): string =>
  createHash('sha256').update(JSON.stringify(strikes)).digest('hex').slice(0, 16);

export const faultCount = (strikes: readonly Strike[]): number =>
  strikes.reduce((sum, { faults }) => sum + faults.length, 0);

function shuffled<T>(all: readonly T[], random: Random): T[] {
  const rest = [...all];
  const order: T[] = [];
  while (rest.length > 0) order.push(rest.splice(random.below(rest.length), 1)[0] as T);
  return order;
}

const round = (value: number): number => Math.round(value * 100) / 100;
