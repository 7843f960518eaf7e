/** Dhan's 20- and 200-level depth frames to side records. */
import { assignBookTime, newPairState, type PairState } from '../book/pair.ts';
import type { Instrument } from '../core/instrument.ts';
import type { EntryWriter } from '../queue/entry.ts';
import {
  DHAN_DEPTH_CODE,
  DhanDepthBatch,
  type DhanDepthLevels,
  type DhanDepthPacket,
  decodeDhanDepth,
} from '../wire/dhan-depth.ts';
import type { WireErrors } from '../wire/errors.ts';
import { byDhanKey, dhanKey } from './dhan-key.ts';
import type { FrameDecoder } from './feed-decoder.ts';

export class DhanDepthDecoder implements FrameDecoder {
  private readonly batch = new DhanDepthBatch();
  private instrumentOfKey = new Map<number, Instrument>();
  /** By our own instrument id. */
  private pairs = new Map<number, PairState>();

  constructor(private readonly levels: DhanDepthLevels) {}

  setInstruments(instruments: readonly Instrument[]): void {
    this.instrumentOfKey = byDhanKey(instruments);
    // An instrument that comes back later pairs its sides anew.
    const asked = new Set(instruments.map(({ id }) => id));
    for (const id of this.pairs.keys()) if (!asked.has(id)) this.pairs.delete(id);
  }

  decode(stampUs: number, frame: Uint8Array, entry: EntryWriter): WireErrors {
    const { batch } = this;
    decodeDhanDepth(frame, this.levels, batch);
    for (let i = 0; i < batch.count; i += 1) {
      const packet = batch.packets[i] as DhanDepthPacket;
      // A farewell carries no data; the connection has seen it.
      if (packet.code === DHAN_DEPTH_CODE.disconnect) continue;
      const instrument = this.instrumentOfKey.get(dhanKey(packet.segment, packet.securityId));
      if (!instrument) {
        const { segment, securityId } = packet;
        batch.errors.add('unknown_instrument', packet.index, () => `${segment}:${securityId} was not asked for`);
        continue;
      }
      const bookTimeUs = assignBookTime(this.pairOf(instrument.id), packet.side, stampUs);
      entry.depth(instrument.id, packet.index, packet.side, packet.flags, stampUs - bookTimeUs, packet.levels);
    }
    return batch.errors;
  }

  noteGap(): void {
    this.pairs.clear();
  }

  state(): unknown {
    return [...this.pairs];
  }

  restore(state: unknown): void {
    this.pairs = new Map(state as [number, PairState][]);
  }

  private pairOf(instrumentId: number): PairState {
    let pair = this.pairs.get(instrumentId);
    if (!pair) {
      pair = newPairState();
      this.pairs.set(instrumentId, pair);
    }
    return pair;
  }
}
