/** The official JS client (kiteconnect 5.3.0) against our decoder, on the same frames. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { kiteObjects } from '../../tests/support/kite-objects.ts';
import { officialKite } from '../../tests/support/kite-official.ts';
import { describeWithShared, listShared, readShared } from '../../tests/support/shared.ts';
import { decodeKiteFrame, KITE_WORDS, KiteBatch } from './kite.ts';
import { encodeKiteFrame, KITE_HEARTBEAT, type KitePacket, type KitePacketLength } from './kite-encode.ts';

const officialTicks = (frame: Uint8Array): unknown => officialKite.parseBinary(Uint8Array.from(frame).buffer);

function ourTicks(frame: Uint8Array): unknown {
  const batch = new KiteBatch();
  decodeKiteFrame(frame, batch);
  return kiteObjects(batch);
}

/** Words as the exchange sends them: below 2^31, above which the official client reads them as negative. */
const anyPacket: fc.Arbitrary<KitePacket> = fc.record({
  length: fc.constantFrom<KitePacketLength>(8, 28, 32, 44, 184),
  words: fc
    .array(fc.oneof(fc.nat({ max: 0x7fff_ffff }), fc.constant(0)), { minLength: KITE_WORDS, maxLength: KITE_WORDS })
    .map((words) => Uint32Array.from(words)),
});

describe('the official client sees the same', () => {
  it('in every frame of ours', () => {
    fc.assert(
      fc.property(fc.array(anyPacket, { minLength: 1, maxLength: 10 }), (packets) => {
        const frame = encodeKiteFrame(packets);
        expect(ourTicks(frame)).toEqual(officialTicks(frame));
      }),
    );
  });

  it('and ignores our heartbeat', () => {
    // What it does with a message of at most two bytes: nothing, it does not even parse it.
    expect(KITE_HEARTBEAT.length).toBeLessThanOrEqual(2);
    expect(ourTicks(KITE_HEARTBEAT)).toEqual([]);
  });
});

describeWithShared('protocols', 'the official client sees the same in the fixtures', () => {
  const folder = ['protocols', 'fixtures', 'kite', 'frames'] as const;

  it.each(listShared('.bin', ...folder).filter((name) => name !== 'k17_high_bits'))('%s', (name) => {
    const frame = readShared(...folder, `${name}.bin`);
    expect(ourTicks(frame)).toEqual(officialTicks(frame));
  });

  it('but for numbers from 2^31, which it takes for negative ones', () => {
    const frame = readShared(...folder, 'k17_high_bits.bin');
    expect(officialTicks(frame)).toMatchObject([{ volume_traded: 3_000_000_000 - 2 ** 32 }]);
    expect(ourTicks(frame)).toMatchObject([{ volume_traded: 3_000_000_000, last_price: 21_474_836.48 }]);
  });
});
