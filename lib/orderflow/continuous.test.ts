import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addDays, istMidnightUs } from '../core/ist.ts';
import { type Contract, continuous, type PricedBar, ROLL_RULES } from './continuous.ts';

const day = (date: string, close: number, volume = 100, oi: number | null = 1000): PricedBar => ({
  fromUs: istMidnightUs(date),
  open: close - 5,
  high: close + 10,
  low: close - 10,
  close,
  volume,
  oi,
});
const contract = (symbol: string, expiry: string, days: PricedBar[]): Contract => ({
  symbol,
  expiry,
  days,
  bars: days,
});

/** Two contracts of which the second stands 50 higher, and overtakes the first on the 26th by volume, on the 25th by OI. */
const NEAR = contract('NOV', '2026-11-27', [
  day('2026-11-24', 1000, 500, 900),
  day('2026-11-25', 1010, 400, 700),
  day('2026-11-26', 1020, 200, 500),
  day('2026-11-27', 1030, 100, 100),
]);
const FAR = contract('DEC', '2026-12-29', [
  day('2026-11-25', 1060, 300, 800),
  day('2026-11-26', 1070, 300, 900),
  day('2026-11-27', 1080, 600, 900),
  day('2026-11-30', 1090, 700, 900),
]);
const shown = (answer: ReturnType<typeof continuous>) =>
  answer.bars.map(({ contract: symbol, bar }) => [
    new Date((bar.fromUs + 19_800_000_000) / 1000).toISOString().slice(8, 10),
    symbol,
    bar.close,
  ]);

describe('a roll', () => {
  it('at the expiry follows its last day', () => {
    const answer = continuous([NEAR, FAR], { roll: 'expiry', adjust: 'none' });
    expect(shown(answer)).toEqual([
      ['24', 'NOV', 1000],
      ['25', 'NOV', 1010],
      ['26', 'NOV', 1020],
      ['27', 'NOV', 1030],
      ['30', 'DEC', 1090],
    ]);
    expect(answer.rolls).toEqual([
      {
        from: 'NOV',
        to: 'DEC',
        atUs: istMidnightUs('2026-11-28'),
        difference: 50,
        ratio: 1080 / 1030,
        basis: 'same_day',
      },
    ]);
  });

  it.each([
    ['volume', '2026-11-27'],
    ['oi', '2026-11-26'],
  ] as const)('by %s comes on the day after the next contract had more', (roll, date) => {
    const { rolls } = continuous([NEAR, FAR], { roll, adjust: 'none' });
    expect(rolls).toMatchObject([{ atUs: istMidnightUs(date), difference: 50 }]);
  });

  it('never comes after the expiry, where the next never has more', () => {
    const small = contract(
      'DEC',
      '2026-12-29',
      FAR.days.map((bar) => ({ ...bar, volume: 1 })),
    );
    expect(continuous([NEAR, small], { roll: 'volume', adjust: 'none' }).rolls[0]?.atUs).toBe(
      istMidnightUs('2026-11-28'),
    );
  });

  it('between contracts that never traded on one day says that the market may have moved', () => {
    const later = contract('DEC', '2026-12-29', [day('2026-11-30', 1090)]);
    expect(continuous([NEAR, later], { roll: 'expiry', adjust: 'none' }).rolls).toMatchObject([
      { basis: 'adjacent', difference: 1085 - 1030 },
    ]);
  });

  it('that has not come yet moves nothing', () => {
    const until = (one: Contract): Contract => {
      const days = one.days.filter(({ fromUs }) => fromUs <= istMidnightUs('2026-11-26'));
      return { ...one, days, bars: days };
    };
    const answer = continuous([until(NEAR), until(FAR)], { roll: 'expiry', adjust: 'difference' });
    expect(answer.rolls).toEqual([]);
    expect(shown(answer).map(([, , close]) => close)).toEqual([1000, 1010, 1020]);
  });

  it('leaves out a contract that never traded', () => {
    const empty = contract('NONE', '2026-12-10', []);
    const { rolls } = continuous([NEAR, empty, FAR], { roll: 'expiry', adjust: 'none' });
    expect(rolls.map(({ from, to }) => [from, to])).toEqual([['NOV', 'DEC']]);
  });
});

it('adjusted, what lies before a roll is moved, and the newest contract stands as it traded', () => {
  const added = continuous([NEAR, FAR], { roll: 'expiry', adjust: 'difference' });
  expect(shown(added).map(([, , close]) => close)).toEqual([1050, 1060, 1070, 1080, 1090]);
  const times = continuous([NEAR, FAR], { roll: 'expiry', adjust: 'ratio' });
  expect(times.bars.at(-1)?.bar.close).toBe(1090);
  expect(times.bars[0]?.bar.close).toBeCloseTo((1000 * 1080) / 1030, 9);
});

/** Contracts of whole numbers of price units, each listed for some time before the one before it expires. */
const drawn = fc
  .array(
    fc.record({
      life: fc.integer({ min: 5, max: 40 }),
      overlap: fc.integer({ min: 1, max: 10 }),
      start: fc.integer({ min: 1000, max: 50_000 }),
      moves: fc.array(fc.integer({ min: -20, max: 20 }), { minLength: 60, maxLength: 60 }),
      sizes: fc.array(fc.integer({ min: 1, max: 1000 }), { minLength: 60, maxLength: 60 }),
    }),
    { minLength: 1, maxLength: 5 },
  )
  .map((all) => {
    let end = '2026-01-01';
    return all.map(({ life, overlap, start, moves, sizes }, i): Contract => {
      const first = addDays(end, -overlap);
      end = addDays(end, life);
      const days: PricedBar[] = [];
      let price = start;
      for (let date = first, d = 0; date <= end; date = addDays(date, 1), d += 1) {
        price = Math.max(100, price + (moves[d % 60] as number));
        days.push(day(date, price, sizes[d % 60] as number, sizes[(d * 7) % 60] as number));
      }
      return contract(`C${i}`, end, days);
    });
  });
const ruled = fc.tuple(drawn, fc.constantFrom(...ROLL_RULES));

describe('for every set of contracts', () => {
  it('the adjusted series has no jump at a roll: on the day of the basis both contracts close at one price', () => {
    fc.assert(
      fc.property(ruled, ([contracts, roll]) => {
        for (const adjust of ['difference', 'ratio'] as const) {
          const { bars, rolls } = continuous(contracts, { roll, adjust });
          for (const { from, to, atUs, basis } of rolls) {
            expect(basis).toBe('same_day');
            const before = bars.findLast(({ contract: symbol, bar }) => symbol === from && bar.fromUs < atUs);
            const next = contracts.find(({ symbol }) => symbol === to) as Contract;
            // How far the next contract is moved is seen on any bar of it.
            const shownNext = bars.find(({ contract: symbol }) => symbol === to);
            const rawNext = next.bars.find(({ fromUs }) => fromUs === shownNext?.bar.fromUs);
            const common = next.days.find(({ fromUs }) => fromUs === before?.bar.fromUs);
            if (!before || !shownNext || !rawNext || !common) continue;
            const wanted =
              adjust === 'difference'
                ? common.close + shownNext.bar.close - rawNext.close
                : (common.close * shownNext.bar.close) / rawNext.close;
            expect(before.bar.close).toBeCloseTo(wanted, 6);
          }
        }
      }),
    );
  });

  it('differences, or with ratio percents, within a contract stay as they traded', () => {
    fc.assert(
      fc.property(ruled, ([contracts, roll]) => {
        const raw = continuous(contracts, { roll, adjust: 'none' }).bars;
        const added = continuous(contracts, { roll, adjust: 'difference' }).bars;
        const times = continuous(contracts, { roll, adjust: 'ratio' }).bars;
        for (let i = 1; i < raw.length; i += 1) {
          const [before, now] = [raw[i - 1], raw[i]] as [(typeof raw)[0], (typeof raw)[0]];
          if (before.contract !== now.contract) continue;
          const close = (bars: typeof raw, at: number): number => (bars[at] as (typeof raw)[0]).bar.close;
          expect(close(added, i) - close(added, i - 1)).toBe(now.bar.close - before.bar.close);
          expect(close(times, i) / close(times, i - 1)).toBeCloseTo(now.bar.close / before.bar.close, 9);
        }
      }),
    );
  });

  it('has each time once, in order, of contracts in the order of their expiries, the last as it traded', () => {
    fc.assert(
      fc.property(ruled, ([contracts, roll]) => {
        const { bars } = continuous(contracts, { roll, adjust: 'difference' });
        const order = contracts.map(({ symbol }) => symbol);
        for (let i = 1; i < bars.length; i += 1) {
          const [before, now] = [bars[i - 1], bars[i]] as [(typeof bars)[0], (typeof bars)[0]];
          expect(now.bar.fromUs).toBeGreaterThan(before.bar.fromUs);
          expect(order.indexOf(now.contract)).toBeGreaterThanOrEqual(order.indexOf(before.contract));
        }
        expect(bars.at(-1)?.bar).toEqual(contracts.at(-1)?.bars.at(-1));
      }),
    );
  });
});
