/** The sending side of kite.ts, for the simulated exchange and for tests. */
import { endianness } from './endianness.ts';
import { type KITE_BYTES, KITE_WORDS } from './kite.ts';

export type KitePacketLength = (typeof KITE_BYTES)[keyof typeof KITE_BYTES];

/** A packet's words (see KITE_FIELD and KITE_INDEX_FIELD), of which the first `length / 4` are sent. */
export interface KitePacket {
  readonly length: KitePacketLength;
  readonly words: Uint32Array;
}

/** One binary message holding `packets` in order. */
export function encodeKiteFrame(packets: readonly KitePacket[]): Buffer {
  let size = 2;
  for (const { length } of packets) size += 2 + length;
  const frame = Buffer.allocUnsafe(size);
  frame.writeUInt16BE(packets.length, 0);
  let offset = 2;
  for (const { length, words } of packets) {
    frame.writeUInt16BE(length, offset);
    frame.set(new Uint8Array(words.buffer, words.byteOffset, length), offset + 2);
    if (endianness === 'little') swapInPlace(frame, offset + 2, length);
    offset += 2 + length;
  }
  return frame;
}

/** The message that says only that the connection lives. Its value is documented nowhere; 0 is ours. */
export const KITE_HEARTBEAT = Buffer.from([0]);

/** Words for a packet that the caller fills in. */
export const kitePacket = (length: KitePacketLength): KitePacket => ({ length, words: new Uint32Array(KITE_WORDS) });

function swapInPlace(frame: Buffer, offset: number, length: number): void {
  frame.subarray(offset, offset + length).swap32();
}
