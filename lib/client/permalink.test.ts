import { describe, expect, it } from 'vitest';
import { DEFAULT_OPTIONS } from '../heatmap/options.ts';
import { permalinkPath, readPermalink } from './permalink.ts';

const VIEW = {
  rightUs: 1_795_475_977_152_033.5,
  usPerPx: 125_000 / 3,
  centrePrice: 2_594_013.25,
  unitsPerPx: 0.1 + 0.2,
};

const queryOf = (path: string) => Object.fromEntries(new URL(path, 'http://localhost').searchParams);

describe('the address of a picture', () => {
  it('comes back as the very same view and colours', () => {
    const options = { ...DEFAULT_OPTIONS, palette: 'viridis', mode: 'sqrt', gamma: 1.3 } as const;
    const path = permalinkPath('NFO:NIFTY26DECFUT', VIEW, 5, { lo: 65, hi: 6500 }, options);
    expect(path).toMatch(/^\/live\/NFO%3ANIFTY26DECFUT\?at=/);
    expect(readPermalink(queryOf(path))).toEqual({
      rightUs: VIEW.rightUs,
      usPerPx: VIEW.usPerPx,
      price: { centre: VIEW.centrePrice, unitsPerPx: VIEW.unitsPerPx },
      options: { palette: 'viridis', mode: 'sqrt', gamma: 1.3, dim: 0, rowTicks: 5, locked: { lo: 65, hi: 6500 } },
    });
  });

  it('needs no more than a time', () => {
    expect(readPermalink({ at: '1795475977152000' })).toEqual({
      rightUs: 1_795_475_977_152_000,
      usPerPx: undefined,
      price: undefined,
      options: {},
    });
  });

  it.each([
    ['names no time', {}],
    ['names none that is one', { at: 'yesterday' }],
    ['is empty there', { at: '' }],
    ['names two', { at: ['1', '2'] }],
    ['names one before all time', { at: '-5' }],
  ])('is none where it %s', (_, query) => {
    expect(readPermalink(query)).toBeNull();
  });

  it('leaves out what is no part of a picture', () => {
    const read = readPermalink({
      at: '1',
      span: '0',
      price: '5',
      scale: '-1',
      palette: 'rainbow',
      lo: '9',
      hi: '3',
      row: 'x',
    });
    expect(read).toEqual({ rightUs: 1, usPerPx: undefined, price: undefined, options: {} });
  });
});
