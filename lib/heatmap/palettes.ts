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

const GREY = ['#20252d', '#596069', '#9aa1aa', '#f4f6f8'] as const;

export const PALETTES: Readonly<Record<PaletteName, Palette>> = {
  // Sides differ at the cold end, where most of the book is, and meet at the hot end, where walls are.
  thermal: {
    name: 'thermal',
    label: 'Thermal',
    bid: ['#0e1c33', '#123a6b', '#1a6bb0', '#2fa8b8', '#e8d35a', '#ff9d2e', '#fff3d6'],
    ask: ['#2a141d', '#541c2f', '#8f2b3b', '#cf4a33', '#f28b2c', '#ffc54a', '#fff3d6'],
  },
  sides: {
    name: 'sides',
    label: 'Bid / ask',
    bid: ['#0f1b31', '#1a3f7d', '#4184f3', '#a5c8ff', '#ffffff'],
    ask: ['#2b1512', '#7a2a16', '#ff5722', '#ffb199', '#ffffff'],
  },
  viridis: { name: 'viridis', label: 'Viridis (colour-blind safe)', bid: VIRIDIS, ask: VIRIDIS },
  grey: { name: 'grey', label: 'Grey', bid: GREY, ask: GREY },
};

export const PALETTE_NAMES = Object.keys(PALETTES) as readonly PaletteName[];

export const isPaletteName = (text: string): text is PaletteName => Object.hasOwn(PALETTES, text);

/** Red, green, blue of `#rrggbb`. */
function channels(colour: string): [number, number, number] {
  const value = Number.parseInt(colour.slice(1), 16);
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

export const pixelOf = (colour: string): number => pixelAt([colour, colour], 0);

/** A palette's side as a CSS gradient, for the legend. */
export const cssGradient = (anchors: readonly string[]): string => `linear-gradient(to right, ${anchors.join(', ')})`;
