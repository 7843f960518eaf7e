import { describe, expect, it } from 'vitest';
import { brightnessOf, coloursOver, PALETTE_NAMES, pixelAt, pixelOf } from './palettes.ts';

const GROUNDS = { dark: '#0b0e11', light: '#ffffff' } as const;

it('reads the short colours that a built style sheet has', () => {
  expect(pixelOf('#fff')).toBe(pixelOf('#ffffff'));
  expect(pixelOf('#1a6')).toBe(pixelOf('#11aa66'));
  expect(coloursOver('thermal', '#fff')).toBe(coloursOver('thermal', '#ffffff'));
});

describe.each(PALETTE_NAMES)('palette %s', (name) => {
  it.each(['dark', 'light'] as const)('tells little from nothing, and much from little, over a %s ground', (theme) => {
    const ground = brightnessOf(pixelOf(GROUNDS[theme]));
    const { bid, ask } = coloursOver(name, GROUNDS[theme]);
    for (const anchors of [bid, ask]) {
      const away = [0, 1].map((t) => Math.abs(brightnessOf(pixelAt(anchors, t)) - ground));
      expect(away[0]).toBeGreaterThan(4);
      expect(away[1]).toBeGreaterThan(150);
    }
  });

  it('goes from pale to dark over a light ground, at every step', () => {
    for (const anchors of [coloursOver(name, GROUNDS.light).bid, coloursOver(name, GROUNDS.light).ask]) {
      const steps = anchors.map((colour) => brightnessOf(pixelOf(colour)));
      expect(steps).toEqual(steps.toSorted((a, b) => b - a));
    }
  });
});
