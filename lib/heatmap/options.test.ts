import { describe, expect, it } from 'vitest';
import {
  changedOptions,
  DEFAULT_OPTIONS,
  nextRowTicks,
  readOptions,
  stepCutoff,
  withColumn,
  withCutoff,
} from './options.ts';
import { ROW_TICKS } from './price-rows.ts';

describe('options of the picture', () => {
  it('come back as they were kept', () => {
    const chosen = {
      ...DEFAULT_OPTIONS,
      palette: 'viridis',
      mode: 'rank',
      gamma: 1.4,
      locked: { lo: 10, hi: 500 },
      cutoffs: { by: 'lots', lo: 2, hi: 40 },
      columns: ['pullStack', 'notes', 'delta'],
      leftColumns: ['delta'],
      bookSides: 'ask',
      clusterTicks: 20,
      columnWidth: 120,
      changes: true,
      changeOneIn: 100,
      minChangeLots: 25,
      quoteSpan: 'last',
      profileSpan: 'anchored',
      anchorUs: 1_795_480_000_000_000,
      strip: true,
      clusterMs: 0,
      bookWidth: 240,
    };
    expect(readOptions(JSON.parse(JSON.stringify(chosen)))).toEqual(chosen);
  });

  it.each([
    ['nothing', undefined],
    ['no object', 'thermal'],
    [
      'other kinds of values',
      { palette: 7, mode: 'cubic', gamma: '1', heat: 'yes', columns: 'volume', leftColumns: 3, minLots: -1 },
    ],
    ['what is out of bounds', { gamma: 9, dim: 2, bookWidth: 3, clusterMs: 17, clusterTicks: 7, rowTicks: 0 }],
    ['cut-offs that have changed places', { cutoffs: { by: 'lots', lo: 9, hi: 3 }, locked: { lo: 9, hi: 9 } }],
    ['a percentile beyond all', { cutoffs: { by: 'percentile', lo: 5, hi: 101 } }],
  ])('are the defaults where %s was kept', (_, kept) => {
    expect(readOptions(kept)).toEqual(DEFAULT_OPTIONS);
  });

  it('are kept by what differs from the defaults', () => {
    const chosen = { ...DEFAULT_OPTIONS, columns: ['delta'], cutoffs: { by: 'lots', lo: 2, hi: 40 } } as const;
    expect(changedOptions(chosen)).toEqual({ columns: ['delta'], cutoffs: chosen.cutoffs });
    expect(readOptions(changedOptions(chosen))).toEqual(chosen);
    expect(changedOptions(DEFAULT_OPTIONS)).toEqual({});
  });

  it('have columns in the order in which they were chosen, each once', () => {
    expect(withColumn(withColumn(['volume', 'delta'], 'notes', true), 'volume', false)).toEqual(['delta', 'notes']);
    expect(withColumn(['volume', 'delta'], 'volume', true)).toEqual(['delta', 'volume']);
    expect(readOptions({ columns: ['delta', 'volume', 'delta', 'quotes'] }).columns).toEqual(['delta', 'volume']);
  });

  it('keeps the lower cut-off below the upper, and percentiles within all', () => {
    const choice = { by: 'percentile', lo: 50, hi: 99 } as const;
    expect(stepCutoff(choice, 'hi', 1)).toEqual({ by: 'percentile', lo: 50, hi: 100 });
    expect(stepCutoff({ ...choice, hi: 100 }, 'hi', 1).hi).toBe(100);
    expect(withCutoff(choice, 'lo', 99)).toBe(choice);
    expect(withCutoff(choice, 'lo', -3)).toEqual({ by: 'percentile', lo: 0, hi: 99 });
  });

  it('moves lots by tenths, and at least by one', () => {
    expect(stepCutoff({ by: 'lots', lo: 1, hi: 3 }, 'hi', 1).hi).toBe(4);
    expect(stepCutoff({ by: 'lots', lo: 1, hi: 1000 }, 'hi', -1).hi).toBe(908);
    expect(stepCutoff({ by: 'lots', lo: 1, hi: 3 }, 'lo', -1).lo).toBe(1);
  });

  it('goes through all heights of rows and back to the automatic one', () => {
    const seen: (number | null)[] = [];
    let ticks: number | null = null;
    for (let press = 0; press <= ROW_TICKS.length; press += 1) {
      ticks = nextRowTicks(ticks);
      seen.push(ticks);
    }
    expect(seen).toEqual([...ROW_TICKS, null]);
  });
});
