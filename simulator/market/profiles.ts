/**
 * How each kind of instrument trades in the synthetic market. The index future's figures are fitted to a measured one.
 */
import type { FlowProfile } from './order-flow.ts';

/** When an instrument's book and quote go out. Times in µs. */
export interface Cadence {
  /** From one book to the next, and how far the moment varies. */
  readonly bookUs: number;
  readonly jitterUs: number;
  /** Share of cycles that are left out. */
  readonly skipped: number;
  /** Quote packets go out at multiples of this, when something has changed. */
  readonly tickUs: number;
}

export interface TradedProfile {
  readonly cadence: Cadence;
  readonly flow: FlowProfile;
}

const NIFTY_FUTURE: TradedProfile = {
  cadence: { bookUs: 203_000, jitterUs: 6_000, skipped: 0.115, tickUs: 250_000 },
  flow: {
    lots: [3.15, 2.6],
    patient: {
      orders: [700, 815],
      reach: 850,
      shyness: 25,
      scatter: 25,
      life: 180,
      round: [
        { grid: 10, share: [0.48, 0.58] },
        { grid: 5, share: [0.2, 0.2] },
      ],
    },
    quoters: { orders: 3.5, life: 0.95, distance: 9, caution: { mean: 7.5, deviation: 6, life: 4 } },
    programs: {
      kinds: [
        { rate: 1.6, life: 0.34, tilt: 0.6 },
        { rate: 0.13, life: 3.2, tilt: 0.8 },
      ],
      total: 38,
      each: 4,
      step: 10,
      reach: 500,
    },
    takers: { rate: 0.6, lots: 3 },
    pressure: { life: 3.5, drift: 2.6, driftLife: 18 },
  },
};

const BANKNIFTY_FUTURE: TradedProfile = {
  cadence: { bookUs: 230_000, jitterUs: 6_000, skipped: 0.12, tickUs: 250_000 },
  flow: {
    ...NIFTY_FUTURE.flow,
    patient: { ...NIFTY_FUTURE.flow.patient, orders: [450, 500] },
    quoters: { orders: 3, distance: 10, life: 1.1, caution: { mean: 9, deviation: 7, life: 3 } },
    programs: { ...NIFTY_FUTURE.flow.programs, total: 25, each: 3 },
    takers: { rate: 0.4, lots: 2.5 },
  },
};

/** A near option: a hundred levels or so, tight where market makers stand, empty further out. */
const OPTION: TradedProfile = {
  cadence: { bookUs: 260_000, jitterUs: 20_000, skipped: 0.15, tickUs: 500_000 },
  flow: {
    lots: [6, 6],
    patient: {
      orders: [170, 190],
      reach: 420,
      shyness: 8,
      scatter: 10,
      life: 60,
      round: [{ grid: 20, share: [0.35, 0.35] }],
    },
    quoters: { orders: 14, distance: 5, life: 2, caution: { mean: 1, deviation: 1, life: 4 } },
    programs: {
      kinds: [
        { rate: 0.4, life: 0.6, tilt: 0 },
        { rate: 0.1, life: 5, tilt: 0.5 },
      ],
      total: 50,
      each: 8,
      step: 4,
      reach: 60,
    },
    takers: { rate: 0.5, lots: 4 },
    pressure: { life: 5, drift: 0.3, driftLife: 20 },
  },
};

/** A large stock: every tick taken, many orders a level, a spread of one or two ticks. `size`: shares an order. */
const stock = (size: number): TradedProfile => ({
  cadence: { bookUs: 310_000, jitterUs: 25_000, skipped: 0.2, tickUs: 500_000 },
  flow: {
    lots: [size, size],
    patient: {
      orders: [2000, 2200],
      reach: 320,
      shyness: 3,
      scatter: 8,
      life: 90,
      round: [
        { grid: 100, share: [0.12, 0.12] },
        { grid: 10, share: [0.25, 0.25] },
      ],
    },
    quoters: { orders: 45, distance: 2, life: 1.5, caution: { mean: 0, deviation: 0.5, life: 4 } },
    programs: {
      kinds: [
        { rate: 0.5, life: 0.5, tilt: 0 },
        { rate: 0.1, life: 6, tilt: 0.5 },
      ],
      total: size * 30,
      each: size * 3,
      step: 1,
      reach: 40,
    },
    takers: { rate: 0.8, lots: size },
    pressure: { life: 8, drift: 0.1, driftLife: 30 },
  },
});

/** One of many that are there to be many: few orders, a book a second. */
const MORE: TradedProfile = {
  cadence: { bookUs: 1_000_000, jitterUs: 0, skipped: 0, tickUs: 1_000_000 },
  flow: {
    lots: [50, 50],
    patient: { orders: [12, 12], reach: 40, shyness: 1, scatter: 4, life: 120, round: [] },
    quoters: { orders: 4, distance: 2, life: 20, caution: { mean: 0, deviation: 0.5, life: 10 } },
    programs: { kinds: [], total: 0, each: 1, step: 1, reach: 1 },
    takers: { rate: 0.1, lots: 50 },
    pressure: { life: 8, drift: 0.1, driftLife: 30 },
  },
};

/** By symbol without series; options together. */
export const PROFILES = {
  NIFTY: NIFTY_FUTURE,
  BANKNIFTY: BANKNIFTY_FUTURE,
  option: OPTION,
  more: MORE,
  RELIANCE: stock(90),
  HDFCBANK: stock(120),
  INFY: stock(80),
  TCS: stock(35),
  ICICIBANK: stock(95),
  SBIN: stock(130),
} as const satisfies Record<string, TradedProfile>;
