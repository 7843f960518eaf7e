/**
 * Reads PNGs as Chromium makes them for screenshots: 8 bits a channel, RGB or RGBA, not interlaced. What each byte means
 * is in the specification's chapters 5 (chunks), 11.2 (IHDR) and 9 (filters): https://www.w3.org/TR/png-3/
 */
import { inflateSync } from 'node:zlib';

export interface Bitmap {
  readonly width: number;
  readonly height: number;
  /** Bytes a pixel: 3 or 4, red first. */
  readonly channels: 3 | 4;
  readonly bytes: Uint8Array;
}

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const BIT_DEPTH = 8;
const CHANNELS_OF_COLOUR_TYPE: Readonly<Record<number, 3 | 4>> = { 2: 3, 6: 4 };

/** @throws RangeError for anything but such a PNG */
export function readPng(png: Buffer): Bitmap {
  if (!png.subarray(0, SIGNATURE.length).equals(SIGNATURE)) throw new RangeError('this is no PNG');
  let header: { width: number; height: number; channels: 3 | 4 } | null = null;
  const compressed: Buffer[] = [];
  for (let at = SIGNATURE.length; at < png.length; ) {
    const length = png.readUInt32BE(at);
    const type = png.toString('latin1', at + 4, at + 8);
    const data = png.subarray(at + 8, at + 8 + length);
    if (type === 'IHDR') header = readHeader(data);
    if (type === 'IDAT') compressed.push(data);
    at += 12 + length;
  }
  if (!header) throw new RangeError('a PNG without a header');
  const { width, height, channels } = header;
  return { ...header, bytes: unfiltered(inflateSync(Buffer.concat(compressed)), width * channels, height, channels) };
}

function readHeader(data: Buffer): { width: number; height: number; channels: 3 | 4 } {
  const [bitDepth, colourType, , , interlace] = data.subarray(8);
  const channels = CHANNELS_OF_COLOUR_TYPE[colourType ?? -1];
  if (bitDepth !== BIT_DEPTH || !channels || interlace !== 0) {
    throw new RangeError(`a PNG of ${bitDepth} bits, colour type ${colourType}, interlace ${interlace}`);
  }
  return { width: data.readUInt32BE(0), height: data.readUInt32BE(4), channels };
}

/** Each row comes behind a byte that says from which neighbours its bytes differ by what is stored. */
function unfiltered(filtered: Buffer, rowBytes: number, height: number, pixelBytes: number): Uint8Array {
  const bytes = new Uint8Array(rowBytes * height);
  for (let row = 0; row < height; row += 1) {
    const from = row * (rowBytes + 1);
    const predict = predictorOf(filtered[from] as number);
    const to = row * rowBytes;
    for (let i = 0; i < rowBytes; i += 1) {
      const left = i < pixelBytes ? 0 : (bytes[to + i - pixelBytes] as number);
      const above = row === 0 ? 0 : (bytes[to + i - rowBytes] as number);
      const aboveLeft = row === 0 || i < pixelBytes ? 0 : (bytes[to + i - rowBytes - pixelBytes] as number);
      bytes[to + i] = (filtered[from + 1 + i] as number) + predict(left, above, aboveLeft);
    }
  }
  return bytes;
}

type Predictor = (left: number, above: number, aboveLeft: number) => number;

const PREDICTORS: readonly Predictor[] = [
  () => 0,
  (left) => left,
  (_left, above) => above,
  (left, above) => (left + above) >> 1,
  paeth,
];

function predictorOf(filter: number): Predictor {
  const predictor = PREDICTORS[filter];
  if (!predictor) throw new RangeError(`a PNG with a row filter ${filter}`);
  return predictor;
}

/** The neighbour nearest to left + above − aboveLeft; of two equally near ones the first in that order. */
function paeth(left: number, above: number, aboveLeft: number): number {
  const guess = left + above - aboveLeft;
  const [toLeft, toAbove, toAboveLeft] = [left, above, aboveLeft].map((value) => Math.abs(guess - value)) as [
    number,
    number,
    number,
  ];
  if (toLeft <= toAbove && toLeft <= toAboveLeft) return left;
  return toAbove <= toAboveLeft ? above : aboveLeft;
}
