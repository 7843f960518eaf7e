/** Kite's binary frames to ticks. */
import { ABSENT } from '../core/absent.ts';
import type { Instrument } from '../core/instrument.ts';
import type { SideLevels } from '../core/side.ts';
import { enrich, TickStates } from '../orderflow/enrich.ts';
import { TICK_MODE, Tick } from '../orderflow/tick.ts';
import type { EntryWriter } from '../queue/entry.ts';
import type { WireErrors } from '../wire/errors.ts';
import {
  decodeKiteFrame,
  KITE_BYTES,
  KITE_DEPTH_LEVELS,
  KITE_DEPTH_WORDS,
  KITE_FIELD,
  KITE_INDEX_FIELD,
  KITE_WORDS,
  KiteBatch,
} from '../wire/kite.ts';
import type { FrameDecoder } from './feed-decoder.ts';

export class KiteDecoder implements FrameDecoder {
  private readonly batch = new KiteBatch();
  private readonly tick = new Tick();
  private readonly states = new TickStates();
  private instrumentOfToken = new Map<number, Instrument>();

  setInstruments(instruments: readonly Instrument[]): void {
    this.instrumentOfToken = new Map(
      instruments.flatMap((one) => (one.kiteToken === null ? [] : [[one.kiteToken, one] as const])),
    );
    this.states.keep(new Set([...this.instrumentOfToken.values()].map(({ id }) => id)));
  }

  decode(stampUs: number, frame: Uint8Array, entry: EntryWriter): WireErrors {
    const { batch, tick } = this;
    decodeKiteFrame(frame, batch);
    for (let i = 0; i < batch.count; i += 1) {
      const token = batch.words[i * KITE_WORDS + KITE_FIELD.token] as number;
      const instrument = this.instrumentOfToken.get(token);
      const packet = batch.packet[i] as number;
      if (!instrument) {
        batch.errors.add('unknown_instrument', packet, () => `token ${token} was not asked for`);
        continue;
      }
      tick.clear();
      tick.instrumentId = instrument.id;
      tick.stampUs = stampUs;
      tick.n = packet;
      fillTick(tick, batch, i);
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
}

/** Takes over what the packet says. Kite writes 0 for "none" where 0 can be no value: prices and times. */
function fillTick(tick: Tick, batch: KiteBatch, i: number): void {
  const { words } = batch;
  const base = i * KITE_WORDS;
  const word = (field: number): number => words[base + field] as number;
  const present = (field: number): number => word(field) || ABSENT;

  tick.lastPrice = present(KITE_FIELD.lastPrice);
  const length = batch.length[i];
  if (length === KITE_BYTES.ltp) {
    tick.mode = TICK_MODE.ltp;
    return;
  }
  if (length === KITE_BYTES.indexQuote || length === KITE_BYTES.indexFull) {
    tick.mode = TICK_MODE.index;
    tick.high = present(KITE_INDEX_FIELD.high);
    tick.low = present(KITE_INDEX_FIELD.low);
    tick.open = present(KITE_INDEX_FIELD.open);
    tick.close = present(KITE_INDEX_FIELD.close);
    if (length === KITE_BYTES.indexFull) tick.exchangeTime = present(KITE_INDEX_FIELD.exchangeTime);
    return;
  }
  tick.mode = length === KITE_BYTES.full ? TICK_MODE.full : TICK_MODE.quote;
  tick.lastQuantity = word(KITE_FIELD.lastQuantity);
  tick.averagePrice = present(KITE_FIELD.averagePrice);
  tick.volume = word(KITE_FIELD.volume);
  tick.buyQuantity = word(KITE_FIELD.buyQuantity);
  tick.sellQuantity = word(KITE_FIELD.sellQuantity);
  tick.open = present(KITE_FIELD.open);
  tick.high = present(KITE_FIELD.high);
  tick.low = present(KITE_FIELD.low);
  tick.close = present(KITE_FIELD.close);
  if (tick.mode === TICK_MODE.quote) return;
  tick.lastTradeTime = present(KITE_FIELD.lastTradeTime);
  tick.oi = word(KITE_FIELD.oi);
  tick.oiDayHigh = word(KITE_FIELD.oiDayHigh);
  tick.oiDayLow = word(KITE_FIELD.oiDayLow);
  tick.exchangeTime = present(KITE_FIELD.exchangeTime);
  fillSide(tick.bids, words, base + KITE_FIELD.depth);
  fillSide(tick.asks, words, base + KITE_FIELD.depth + KITE_DEPTH_LEVELS * KITE_DEPTH_WORDS);
}

function fillSide(side: SideLevels, words: Uint32Array, from: number): void {
  for (let level = 0; level < KITE_DEPTH_LEVELS; level += 1) {
    const at = from + level * KITE_DEPTH_WORDS;
    const price = words[at + 1] as number;
    // An empty level is all zero.
    if (price === 0) continue;
    side.prices[side.count] = price;
    side.quantities[side.count] = words[at] as number;
    // Lower half of the word is padding, which need not be zero.
    side.orders[side.count] = (words[at + 2] as number) >>> 16;
    side.count += 1;
  }
}
