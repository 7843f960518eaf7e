/** Dhan's live feed packets to ticks. */
import type { Instrument } from '../core/instrument.ts';
import { enrich, TickStates } from '../orderflow/enrich.ts';
import { TICK_MODE, Tick, type TickMode } from '../orderflow/tick.ts';
import type { EntryWriter } from '../queue/entry.ts';
import { DHAN_LIVE_CODE, DhanLiveBatch, type DhanLivePacket, decodeDhanLive } from '../wire/dhan-live.ts';
import type { WireErrors } from '../wire/errors.ts';
import { byDhanKey, dhanKey } from './dhan-key.ts';
import type { FrameDecoder } from './feed-decoder.ts';

/** Packets that become rows. The others say nothing about an instrument (farewells, heartbeats, market status). */
const MODE_OF_CODE: Readonly<Record<number, TickMode>> = {
  [DHAN_LIVE_CODE.ticker]: TICK_MODE.ltp,
  [DHAN_LIVE_CODE.quote]: TICK_MODE.quote,
  [DHAN_LIVE_CODE.full]: TICK_MODE.full,
  [DHAN_LIVE_CODE.depthV1]: TICK_MODE.full,
  [DHAN_LIVE_CODE.oi]: TICK_MODE.oi,
  [DHAN_LIVE_CODE.previousClose]: TICK_MODE.previousClose,
};

export class DhanLiveDecoder implements FrameDecoder {
  private readonly batch = new DhanLiveBatch();
  private readonly tick = new Tick();
  private readonly states = new TickStates();
  private instrumentOfKey = new Map<number, Instrument>();

  setInstruments(instruments: readonly Instrument[]): void {
    this.instrumentOfKey = byDhanKey(instruments);
    this.states.keep(new Set(instruments.map(({ id }) => id)));
  }

  decode(stampUs: number, frame: Uint8Array, entry: EntryWriter): WireErrors {
    const { batch, tick } = this;
    decodeDhanLive(frame, this.tickSizeOf, batch);
    for (let i = 0; i < batch.count; i += 1) {
      const packet = batch.packets[i] as DhanLivePacket;
      const mode = MODE_OF_CODE[packet.code];
      if (mode === undefined) continue;
      const instrument = this.instrumentOfKey.get(dhanKey(packet.segment, packet.securityId));
      if (!instrument) {
        const { segment, securityId } = packet;
        batch.errors.add('unknown_instrument', packet.index, () => `${segment}:${securityId} was not asked for`);
        continue;
      }
      tick.clear();
      tick.instrumentId = instrument.id;
      tick.stampUs = stampUs;
      tick.n = packet.index;
      tick.mode = mode;
      fillTick(tick, packet);
      enrich(tick, this.states.of(instrument.id), instrument.exchange);
      entry.tick(tick);
    }
    return batch.errors;
  }

  noteGap(): void {
    this.states.noteGap();
  }

  state(): unknown {
    return this.states.save();
  }

  restore(state: unknown): void {
    this.states.restore(state);
  }

  private readonly tickSizeOf = (segment: number, securityId: number): number =>
    this.instrumentOfKey.get(dhanKey(segment, securityId))?.tickSize ?? 1;
}

/** Takes over what the packet says. The previous day's open interest of a code-6 packet is no tick's. */
function fillTick(tick: Tick, packet: DhanLivePacket): void {
  tick.lastPrice = packet.lastPrice;
  tick.lastQuantity = packet.lastQuantity;
  tick.averagePrice = packet.averagePrice;
  tick.volume = packet.volume;
  tick.buyQuantity = packet.buyQuantity;
  tick.sellQuantity = packet.sellQuantity;
  tick.open = packet.open;
  tick.high = packet.high;
  tick.low = packet.low;
  tick.close = packet.close;
  tick.lastTradeTime = packet.lastTradeTime;
  tick.oi = packet.oi;
  tick.oiDayHigh = packet.oiDayHigh;
  tick.oiDayLow = packet.oiDayLow;
  tick.bids.copyFrom(packet.bids);
  tick.asks.copyFrom(packet.asks);
}
