/** A screenshot of an element as pixels, addressed in CSS px from its upper left corner. */
import type { Locator } from '@playwright/test';
import { type Bitmap, readPng } from '../../support/png.ts';

export interface Area {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export type Colour = readonly [red: number, green: number, blue: number];

export class Picture {
  private constructor(
    private readonly bitmap: Bitmap,
    private readonly pixelRatio: number,
  ) {}

  static async of(element: Locator): Promise<Picture> {
    const box = await element.boundingBox();
    if (!box) throw new Error('the element is not shown');
    const bitmap = readPng(await element.screenshot({ animations: 'disabled', caret: 'hide' }));
    return new Picture(bitmap, bitmap.width / box.width);
  }

  /** The colour at a place, CSS px. */
  at(x: number, y: number): Colour {
    return this.pixel(Math.floor(x * this.pixelRatio), Math.floor(y * this.pixelRatio));
  }

  /** Share of an area's pixels that fit, 0 to 1. */
  share(area: Area, fits: (colour: Colour) => boolean): number {
    let count = 0;
    const places = this.places(area);
    for (const [x, y] of places) if (fits(this.pixel(x, y))) count += 1;
    return count / places.length;
  }

  /** Share of an area's pixels that are not the same in another picture of the same size. */
  changed(other: Picture, area: Area): number {
    let count = 0;
    const places = this.places(area);
    for (const [x, y] of places) if (!isSame(this.pixel(x, y), other.pixel(x, y))) count += 1;
    return count / places.length;
  }

  /** Number of different colours in an area. */
  colours(area: Area): number {
    return new Set(this.places(area).map(([x, y]) => this.pixel(x, y).join(' '))).size;
  }

  private places(area: Area): [x: number, y: number][] {
    const { pixelRatio } = this;
    const places: [number, number][] = [];
    for (let y = Math.ceil(area.y * pixelRatio); y < (area.y + area.height) * pixelRatio; y += 1) {
      for (let x = Math.ceil(area.x * pixelRatio); x < (area.x + area.width) * pixelRatio; x += 1) places.push([x, y]);
    }
    if (places.length === 0) throw new RangeError(`no pixel lies in ${JSON.stringify(area)}`);
    return places;
  }

  private pixel(x: number, y: number): Colour {
    const { width, height, channels, bytes } = this.bitmap;
    if (x < 0 || x >= width || y < 0 || y >= height) throw new RangeError(`(${x}, ${y}) is outside the picture`);
    const at = (y * width + x) * channels;
    return [bytes[at] as number, bytes[at + 1] as number, bytes[at + 2] as number];
  }
}

const isSame = (a: Colour, b: Colour): boolean => a[0] === b[0] && a[1] === b[1] && a[2] === b[2];

/** Distance of two colours: the largest difference of a channel, 0 to 255. */
export const distance = (a: Colour, b: Colour): number =>
  Math.max(Math.abs(a[0] - b[0]), Math.abs(a[1] - b[1]), Math.abs(a[2] - b[2]));

/** Lines of a hatch are smoothed: what is as near to its colour as this is a part of it. */
const HATCH_DISTANCE_MAX = 12;

/** Whether a colour is that of a hatch. */
export const isHatch =
  (hatch: Colour) =>
  (colour: Colour): boolean =>
    distance(colour, hatch) < HATCH_DISTANCE_MAX;

/** How bright a colour looks, 0 to 255 (ITU-R BT.709). */
export const brightness = ([red, green, blue]: Colour): number => 0.2126 * red + 0.7152 * green + 0.0722 * blue;

/** `#rrggbb` */
export function colourOf(hex: string): Colour {
  const value = Number.parseInt(hex.slice(1), 16);
  return [value >> 16, (value >> 8) & 0xff, value & 0xff];
}
