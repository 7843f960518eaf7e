import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const css = readFileSync(path.resolve(import.meta.dirname, '../../app/globals.css'), 'utf8');

/** Colours of a block of app/globals.css, by their names without `--color-`. */
function coloursOf(selector: string): ReadonlyMap<string, string> {
  const start = css.indexOf(selector);
  const block = css.slice(start, css.indexOf('}', start));
  return new Map(
    [...block.matchAll(/--color-([\w-]+): (#[0-9a-f]{6});/g)].map(([, name = '', colour = '']) => [name, colour]),
  );
}

const themes = { dark: coloursOf('@theme static {'), light: coloursOf(':root[data-theme="light"] {') };

/** WCAG 2.2, relative luminance. */
function luminance(colour: string): number {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const channel = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(a: string, b: string): number {
  const [dark, light] = [luminance(a), luminance(b)].sort((x, y) => x - y) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

const TEXT = ['ink', 'muted', 'faint', 'bid', 'ask', 'best-bid', 'best-ask', 'up', 'down', 'warn', 'fault', 'unknown'];
const GRAPHICS = ['edge', 'focus', 'crosshair', 'group-a', 'group-b', 'group-c', 'group-d'];

describe('the themes', () => {
  it('have the same colours', () => {
    expect([...themes.light.keys()].sort()).toEqual([...themes.dark.keys()].sort());
    expect(themes.light.size).toBeGreaterThan(30);
  });

  for (const [name, colours] of Object.entries(themes)) {
    const of = (token: string): string => colours.get(token) ?? '';
    it.each(TEXT)(`${name}: %s can be read on the ground (AA)`, (token) => {
      expect(contrast(of(token), of('ground'))).toBeGreaterThanOrEqual(4.5);
    });
    it.each(['ink', 'muted'])(`${name}: %s can be read on every surface (AA)`, (token) => {
      for (const surface of ['ground', 'panel', 'raised', 'hover'])
        expect(contrast(of(token), of(surface)), surface).toBeGreaterThanOrEqual(4.5);
    });
    it.each(GRAPHICS)(`${name}: %s can be seen on panels (AA for graphics)`, (token) => {
      expect(contrast(of(token), of('panel'))).toBeGreaterThanOrEqual(3);
    });
    it(`${name}: the last price can be read in its tag`, () => {
      expect(contrast(of('last-price'), of('last-price-ink'))).toBeGreaterThanOrEqual(4.5);
    });
  }
});
