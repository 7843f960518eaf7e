/**
 * Colours of quantities. A palette is a few anchors per side, spread evenly from the lower to the upper cut-off; colours
 * between them are mixed linearly in sRGB. The first colour must stand out from the background: a small quantity is not
 * the same as none.
 */

export type PaletteName = 'thermal' | 'sides' | 'viridis' | 'grey';

export interface Palette {
  readonly name: PaletteName;
  readonly label: string;
  /** `#rrggbb`, from the lower cut-off to the upper. */
  readonly bid: readonly string[];
  readonly ask: readonly string[];
  /** The same over a light ground: there the small is pale and the large is dark. */
  readonly light: PaletteSides;
}

export interface PaletteSides {
  readonly bid: readonly string[];
  readonly ask: readonly string[];
}

/** The ten reference colours of matplotlib's viridis (CC0), evenly spaced. */
const VIRIDIS = [
  '#440154',
  '#482878',
  '#3e4989',
  '#31688e',
  '#26828e',
  '#1f9e89',
  '#35b779',
  '#6ece58',
  '#b5de2b',
  '#fde725',
] as const;

const VIRIDIS_LIGHT = VIRIDIS.toReversed();

const GREY_LIGHT = ['#e3e6ea', '#b0b7bf', '#6b747e', '#14181d'] as const;

const GREY = ['#20252d', '#596069', '#9aa1aa', '#f4f6f8'] as const;

export const PALETTES: Readonly<Record<PaletteName, Palette>> = {
  // Sides differ at the cold end, where most of the book is, and meet at the hot end, where walls are.
  thermal: {
    name: 'thermal',
    label: 'Thermal',
    bid: ['#0e1c33', '#123a6b', '#1a6bb0', '#2fa8b8', '#e8d35a', '#ff9d2e', '#fff3d6'],
    ask: ['#2a141d', '#541c2f', '#8f2b3b', '#cf4a33', '#f28b2c', '#ffc54a', '#fff3d6'],
    light: {
      bid: ['#e6eef9', '#b9d4f2', '#78aee2', '#2f86b5', '#8f6d08', '#96400a', '#3d0c05'],
      ask: ['#fbe8e3', '#f5c5b8', '#ea9884', '#d4623f', '#b34e0d', '#8a3205', '#3d0c05'],
    },
  },
  sides: {
    name: 'sides',
    label: 'Bid / ask',
    bid: ['#0f1b31', '#1a3f7d', '#4184f3', '#a5c8ff', '#ffffff'],
    ask: ['#2b1512', '#7a2a16', '#ff5722', '#ffb199', '#ffffff'],
    light: {
      bid: ['#e4edfb', '#a9c6f7', '#4f86e0', '#1f4fb0', '#0a1f52'],
      ask: ['#fdeae3', '#f7bfa9', '#e7764a', '#b8360a', '#4f1403'],
    },
  },
  viridis: {
    name: 'viridis',
    label: 'Viridis (colour-blind safe)',
    bid: VIRIDIS,
    ask: VIRIDIS,
    light: { bid: VIRIDIS_LIGHT, ask: VIRIDIS_LIGHT },
  },
  grey: { name: 'grey', label: 'Grey', bid: GREY, ask: GREY, light: { bid: GREY_LIGHT, ask: GREY_LIGHT } },
};

export const PALETTE_NAMES = Object.keys(PALETTES) as readonly PaletteName[];

export const isPaletteName = (text: string): text is PaletteName => Object.hasOwn(PALETTES, text);

/** Red, green, blue of `#rrggbb`, or of `#rgb`: style sheets are shortened when they are built. */
function channels(colour: string): [number, number, number] {
  const digits = colour.slice(1);
  const value = Number.parseInt(digits.length === 3 ? digits.replace(/./g, '$&$&') : digits, 16);
  return [value >> 16, (value >> 8) & 0xff, value & 0xff];
}

/** The colour at `t` (0 to 1) as a pixel of ImageData: R, G, B, A in memory, on the little-endian machines there are. */
export function pixelAt(anchors: readonly string[], t: number): number {
  const place = t * (anchors.length - 1);
  const below = Math.min(Math.floor(place), anchors.length - 2);
  const from = channels(anchors[below] as string);
  const to = channels(anchors[below + 1] as string);
  const mix = (i: 0 | 1 | 2) => Math.round(from[i] + (to[i] - from[i]) * (place - below));
  return ((0xff << 24) | (mix(2) << 16) | (mix(1) << 8) | mix(0)) >>> 0;
}

/** A pixel with a share of another one mixed in, channel by channel. */
export function mixed(pixel: number, into: number, share: number): number {
  if (share === 0) return pixel;
  const channel = (shift: number): number => {
    const from = (pixel >>> shift) & 0xff;
    return Math.round(from + (((into >>> shift) & 0xff) - from) * share) << shift;
  };
  return ((0xff << 24) | channel(16) | channel(8) | channel(0)) >>> 0;
}

/** Perceived brightness of a pixel, 0 to 255. */
export const brightnessOf = (pixel: number): number =>
  0.2126 * (pixel & 0xff) + 0.7152 * ((pixel >>> 8) & 0xff) + 0.0722 * ((pixel >>> 16) & 0xff);

const MIDDLE = 128;

/** Whether a ground is one of the light theme. @param background `#rrggbb` */
export const isLight = (background: string): boolean => brightnessOf(pixelOf(background)) > MIDDLE;

/** A palette's colours over a ground. @param background `#rrggbb` */
export const coloursOver = (name: PaletteName, background: string): PaletteSides =>
  isLight(background) ? PALETTES[name].light : PALETTES[name];

export const pixelOf = (colour: string): number => pixelAt([colour, colour], 0);

/** A palette's side as a CSS gradient, for the legend. */
export const cssGradient = (anchors: readonly string[]): string => `linear-gradient(to right, ${anchors.join(', ')})`;
