import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ABSENT } from '../core/absent.ts';
import type { Candle } from '../core/candles.ts';
import { istTimeUs } from '../core/ist.ts';
import { type MinuteBar, type ReconcileInput, reconcile as reconcileAll, type ToldDay } from './reconcile.ts';

const MINUTE_US = 60_000_000;
const reconcile = (input: Omit<ReconcileInput, 'cut'>) => reconcileAll({ ...input, cut: false });
const OPEN_US = istTimeUs('2026-11-25', '09:15');

/** A day of some minutes, as a broker has it. */
const day = (minutes = 60): Candle[] =>
  Array.from({ length: minutes }, (_, m) => {
    const open = 2_600_000 + ((m * 37) % 50) * 10;
    return {
      fromUs: OPEN_US + m * MINUTE_US,
      open,
      high: open + 40,
      low: open - 30,
      close: open + 10,
      volume: 650 + 65 * (m % 7),
      oi: 1_000_000 + m,
    };
  });
const heard = (candles: readonly Candle[]): MinuteBar[] => candles.map((candle) => ({ ...candle, unattributed: 0 }));
const without = (bars: readonly MinuteBar[], from: number, to: number): MinuteBar[] =>
  bars.filter(({ fromUs }) => fromUs < OPEN_US + from * MINUTE_US || fromUs >= OPEN_US + to * MINUTE_US);
const toldOf = (candles: readonly Candle[]): ToldDay => ({
  open: candles[0]?.open ?? ABSENT,
  high: Math.max(...candles.map(({ high }) => high)),
  low: Math.min(...candles.map(({ low }) => low)),
  oi: candles.at(-1)?.oi ?? ABSENT,
});
const gap = (from: number, to: number, cause = 'network') => ({
  fromUs: OPEN_US + from * MINUTE_US,
  toUs: OPEN_US + to * MINUTE_US,
  cause,
});

describe('a day', () => {
  const candles = day();
  const told = toldOf(candles);

  it('that was heard whole is equal', () => {
    const found = reconcile({ candles, bars: heard(candles), missed: [], told });
    expect(found).toMatchObject({ outcome: 'equal', differences: [], volume: { difference: 0 } });
  });

  it('with a gap is explained by it, and the gap says what was traded in it', () => {
    const bars = without(heard(candles), 20, 38);
    const found = reconcile({ candles, bars, missed: [gap(20.4, 37.9)], told });
    const lost = candles.slice(20, 38).reduce((sum, { volume }) => sum + volume, 0);
    expect(found.outcome).toBe('explained');
    expect(found.volume).toEqual({ difference: lost, inGaps: lost, unexplained: 0 });
    expect(found.gaps).toEqual([{ ...gap(20.4, 37.9), brokerVolume: lost, ourVolume: 0 }]);
    expect(found.differences).toContainEqual({
      what: 'volume',
      ours: found.ours.volume,
      broker: found.broker.volume,
      because: 'gap',
    });
    expect(found.missingMinutes.count).toBe(0);
  });

  it('that lost minutes without a gap differs, and names the minutes', () => {
    const found = reconcile({ candles, bars: without(heard(candles), 20, 23), missed: [gap(40, 41)], told });
    expect(found.outcome).toBe('differs');
    expect(found.missingMinutes).toEqual({ count: 3, first: [20, 21, 22].map((m) => OPEN_US + m * MINUTE_US) });
    expect(found.differences).toContainEqual(expect.objectContaining({ what: 'volume', because: null }));
  });

  it('whose volume was counted twice differs', () => {
    const bars = heard(candles).map((bar) => ({ ...bar, volume: 2 * bar.volume }));
    expect(reconcile({ candles, bars, missed: [], told })).toMatchObject({ outcome: 'differs', volume: { inGaps: 0 } });
  });

  it('whose extremes lie between ticks is explained where the exchange told them, and differs where it did not', () => {
    const bars = heard(candles).map((bar) => ({ ...bar, high: Math.min(bar.high, told.high - 10) }));
    const found = reconcile({ candles, bars, missed: [], told });
    expect(found).toMatchObject({ outcome: 'explained', differences: [{ what: 'high', because: 'between_ticks' }] });
    expect(reconcile({ candles, bars, missed: [], told: null })).toMatchObject({ outcome: 'differs' });
  });

  it('whose high was reached in a gap alone is explained; reached elsewhere too, it is not', () => {
    const top = candles.findIndex(({ high }) => high === told.high);
    const bars = heard(candles).filter((_, m) => m !== top);
    const low = bars.map((bar) => ({ ...bar, high: Math.min(bar.high, told.high - 10) }));
    const high = (missedFrom: number) =>
      reconcile({ candles, bars: low, missed: [gap(missedFrom, missedFrom + 1)], told: null }).differences.find(
        ({ what }) => what === 'high',
      )?.because;
    const others = candles.filter(({ high: reached }) => reached === told.high).length;
    expect(high(top)).toBe(others === 1 ? 'gap' : null);
    expect(high(top + 1)).toBeNull();
  });

  it('that goes on at the end of what is compared may end with a trade of the next minute, within its range', () => {
    const bars = heard(candles).with(-1, {
      ...(heard(candles).at(-1) as MinuteBar),
      close: candles.at(-1)?.low ?? 0,
      volume: (candles.at(-1)?.volume ?? 0) - 65,
    });
    expect(reconcileAll({ candles, bars, missed: [], told, cut: true })).toMatchObject({
      outcome: 'explained',
      differences: [
        { what: 'close', because: 'minute_edges' },
        { what: 'volume', because: 'minute_edges' },
      ],
    });
    expect(reconcileAll({ candles, bars, missed: [], told, cut: false })).toMatchObject({ outcome: 'differs' });
  });

  it('whose high was reached in its last minute may have it in the next one, where the market goes on', () => {
    const last = candles.at(-1) as Candle;
    const ending = candles.with(-1, { ...last, high: told.high + 1000 });
    const outcome = (cut: boolean) =>
      reconcileAll({ candles: ending, bars: heard(candles), missed: [], told: null, cut });
    expect(outcome(true)).toMatchObject({ differences: [{ what: 'high', because: 'minute_edges' }] });
    expect(outcome(false)).toMatchObject({ differences: [{ what: 'high', because: null }] });
  });

  it('of which the broker has nothing says so', () => {
    expect(reconcile({ candles: [], bars: heard(candles), missed: [], told }).outcome).toBe('no_candles');
    expect(reconcile({ candles: [], bars: [], missed: [], told: null }).outcome).toBe('equal');
  });

  it('of an index has no volume and no open interest to differ in', () => {
    const index = candles.map((candle) => ({ ...candle, volume: 0, oi: 0 }));
    const bars = heard(index).map((bar) => ({ ...bar, oi: ABSENT }));
    expect(reconcile({ candles: index, bars, missed: [], told: null }).outcome).toBe('equal');
  });
});

it('divides every difference of volume into what gaps explain and what they do not', () => {
  const candles = day();
  const minute = fc.integer({ min: 0, max: 59 });
  fc.assert(
    fc.property(
      fc.uniqueArray(minute),
      fc.array(fc.tuple(minute, fc.integer({ min: 1, max: 9 })), { maxLength: 4 }),
      (lost, spans) => {
        const bars = heard(candles).filter((_, m) => !lost.includes(m));
        // None over another, as coverage gives them.
        let at = 0;
        const missed = spans
          .toSorted((a, b) => a[0] - b[0])
          .flatMap(([from, length]) => {
            const begins = Math.max(at, from);
            at = Math.max(at, from + length);
            return at > begins ? [gap(begins, at)] : [];
          });
        const { volume, outcome, missingMinutes } = reconcile({ candles, bars, missed, told: toldOf(candles) });
        expect(volume.inGaps + volume.unexplained).toBe(volume.difference);
        const silent = lost.filter(
          (m) =>
            !missed.some(
              ({ fromUs, toUs }) => (candles[m] as Candle).fromUs >= fromUs && (candles[m] as Candle).fromUs < toUs,
            ),
        );
        expect(missingMinutes.count).toBe(silent.length);
        // A few lost minutes in a day with gaps may be no more than its edges; many are not.
        if (silent.length > 3 + missed.length) expect(outcome).toBe('differs');
      },
    ),
  );
});
