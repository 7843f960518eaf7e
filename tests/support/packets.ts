/**
 * Bytes written field by field from a layout in the test's own words, never with the tables of the code under test: what
 * a decoder is held against.
 */
const WIDTH = { u8: 1, u16: 2, i16: 2, u32: 4, f32: 4, f64: 8 } as const;

export type Field = readonly [kind: keyof typeof WIDTH, value: number];

/** Little-endian fields one after the other, without padding. */
export function littleEndian(...fields: readonly Field[]): Buffer {
  const bytes = Buffer.alloc(fields.reduce((size, [kind]) => size + WIDTH[kind], 0));
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  for (const [kind, value] of fields) {
    if (kind === 'u8') view.setUint8(at, value);
    else if (kind === 'u16') view.setUint16(at, value, true);
    else if (kind === 'i16') view.setInt16(at, value, true);
    else if (kind === 'u32') view.setUint32(at, value, true);
    else if (kind === 'f32') view.setFloat32(at, value, true);
    else view.setFloat64(at, value, true);
    at += WIDTH[kind];
  }
  return bytes;
}

/** The same bytes in other surroundings: `shift` bytes of `filler` before them, 64 after. Who reads outside differs. */
export function surrounded(bytes: Uint8Array, filler: number, shift: number): Buffer {
  const room = Buffer.alloc(shift + bytes.length + 64, filler);
  room.set(bytes, shift);
  return room.subarray(shift, shift + bytes.length);
}
