/**
 * Levels of one side as bytes: whole (a keyframe) or as the difference to the side before (a delta). The one codec for
 * queue entries, the live stream and depth history.
 *
 * Keyframe: count, then, unless it is 0: first price (zigzag), price unit, quantity unit, and per level the price step
 * away from the touch in price units, the quantity in quantity units, the orders. A unit is the greatest common divisor,
 * so a ladder in ticks of 10 and lots of 75 costs about three bytes a level.
 *
 * Delta: count, price unit, quantity unit, then operations from best to worst until `count` levels stand. An operation's
 * byte holds the kind in its upper two bits and a run length, less one, in the others:
 *
 *     KEEP    run    the next levels of the base, unchanged
 *     CHANGE  run    the next levels of the base, each followed by its quantity and orders differences (zigzag)
 *     DROP    run    the next levels of the base are gone
 *     INSERT  run    new levels, each as its price step from the level before it (from the base's best for the first,
 *                    zigzag), quantity, orders
 *
 * Levels of the base beyond the last operation are gone.
 */
import { type ByteReader, type ByteWriter, CodecError } from '../core/bytes.ts';
import { BID, MAX_LEVELS, type Side, type SideLevels } from '../core/side.ts';

export function encodeLevels(writer: ByteWriter, side: Side, levels: SideLevels): void {
  const { count, prices, quantities, orders } = levels;
  writer.varint(count);
  if (count === 0) return;
  const sign = side === BID ? -1 : 1;
  const first = prices[0] as number;
  let priceUnit = 0;
  let quantityUnit = quantities[0] as number;
  for (let i = 1; i < count; i += 1) {
    priceUnit = divisor(priceUnit, Math.abs((prices[i] as number) - (prices[i - 1] as number)));
    quantityUnit = divisor(quantityUnit, quantities[i] as number);
  }
  priceUnit ||= 1;
  quantityUnit ||= 1;
  writer.zigzag(first);
  writer.varint(priceUnit);
  writer.varint(quantityUnit);
  let last = first;
  for (let i = 0; i < count; i += 1) {
    const price = prices[i] as number;
    if (i > 0) writer.varint(((price - last) * sign) / priceUnit);
    last = price;
    writer.varint((quantities[i] as number) / quantityUnit);
    writer.varint(orders[i] as number);
  }
}

/** @throws CodecError where the bytes are no keyframe. */
export function decodeLevels(reader: ByteReader, side: Side, into: SideLevels): void {
  const count = readCount(reader);
  into.count = count;
  if (count === 0) return;
  const sign = side === BID ? -1 : 1;
  let price = reader.zigzag();
  const priceUnit = reader.varint();
  const quantityUnit = reader.varint();
  for (let i = 0; i < count; i += 1) {
    if (i > 0) price += reader.varint() * priceUnit * sign;
    setLevel(into, i, price, reader.varint() * quantityUnit, reader.varint());
  }
}

function setLevel(into: SideLevels, i: number, price: number, quantity: number, orders: number): void {
  into.prices[i] = price;
  into.quantities[i] = quantity;
  into.orders[i] = orders;
  // What does not fit, the arrays keep as another number.
  if (into.prices[i] !== price || into.quantities[i] !== quantity || into.orders[i] !== orders) {
    throw new CodecError(`level ${i} cannot be: price ${price}, quantity ${quantity}, orders ${orders}`);
  }
}

const KEEP = 0;
const CHANGE = 1;
const DROP = 2;
const INSERT = 3;
const RUN_MAX = 64;

/** Writes what turns `base` into `next`. Both sorted best first, as every decoded side is. */
export function encodeDelta(writer: ByteWriter, side: Side, base: SideLevels, next: SideLevels): void {
  const sign = side === BID ? -1 : 1;
  const { count } = next;
  writer.varint(count);
  if (count === 0) return;
  const [priceUnit, quantityUnit] = unitsOfDelta(base, next);
  writer.varint(priceUnit);
  writer.varint(quantityUnit);

  let b = 0;
  let n = 0;
  let last = base.count > 0 ? (base.prices[0] as number) : 0;
  while (n < count) {
    const kind = kindAt(base, b, next, n, sign);
    // The operation's byte comes before its levels, its run length is known after them.
    const at = writer.position;
    writer.u8(0);
    let run = 0;
    while (n < count && run < RUN_MAX && (run === 0 || kindAt(base, b, next, n, sign) === kind)) {
      run += 1;
      if (kind === DROP) {
        b += 1;
        continue;
      }
      const price = next.prices[n] as number;
      const quantity = next.quantities[n] as number;
      const orders = next.orders[n] as number;
      if (kind === CHANGE) {
        writer.zigzag((quantity - (base.quantities[b] as number)) / quantityUnit);
        writer.zigzag(orders - (base.orders[b] as number));
      } else if (kind === INSERT) {
        writer.zigzag(((price - last) * sign) / priceUnit);
        writer.varint(quantity / quantityUnit);
        writer.varint(orders);
      }
      if (kind !== INSERT) b += 1;
      last = price;
      n += 1;
    }
    writer.bytes[at] = (kind << 6) | (run - 1);
  }
}

/** What the encoder does next at these two places. */
function kindAt(base: SideLevels, b: number, next: SideLevels, n: number, sign: number): number {
  if (b >= base.count) return INSERT;
  const ahead = ((next.prices[n] as number) - (base.prices[b] as number)) * sign;
  if (ahead > 0) return DROP;
  if (ahead < 0) return INSERT;
  return base.quantities[b] === next.quantities[n] && base.orders[b] === next.orders[n] ? KEEP : CHANGE;
}

/** Turns `base` into the side that the delta was made from, in `into`. @throws CodecError where it does not fit. */
export function applyDelta(reader: ByteReader, side: Side, base: SideLevels, into: SideLevels): void {
  const sign = side === BID ? -1 : 1;
  const count = readCount(reader);
  into.count = count;
  if (count === 0) return;
  const priceUnit = reader.varint();
  const quantityUnit = reader.varint();
  let b = 0;
  let n = 0;
  let last = base.count > 0 ? (base.prices[0] as number) : 0;
  while (n < count) {
    const operation = reader.u8();
    const kind = operation >> 6;
    const run = (operation & 0x3f) + 1;
    if (kind !== INSERT && b + run > base.count) throw new CodecError('delta goes beyond its base');
    if (kind !== DROP && n + run > count) throw new CodecError('delta gives more levels than it said');
    if (kind === DROP) {
      b += run;
      continue;
    }
    for (let i = 0; i < run; i += 1) {
      if (kind === INSERT) {
        last += reader.zigzag() * priceUnit * sign;
        setLevel(into, n, last, reader.varint() * quantityUnit, reader.varint());
      } else {
        last = base.prices[b] as number;
        let quantity = base.quantities[b] as number;
        let orders = base.orders[b] as number;
        if (kind === CHANGE) {
          quantity += reader.zigzag() * quantityUnit;
          orders += reader.zigzag();
        }
        setLevel(into, n, last, quantity, orders);
        b += 1;
      }
      n += 1;
    }
  }
}

/** Units that divide everything a delta may write: prices of both sides, quantities of `next` and of `base`. */
function unitsOfDelta(base: SideLevels, next: SideLevels): [number, number] {
  let priceUnit = 0;
  let quantityUnit = 0;
  const anchor = (base.count > 0 ? base.prices[0] : next.prices[0]) as number;
  for (let i = 0; i < next.count; i += 1) {
    priceUnit = divisor(priceUnit, Math.abs((next.prices[i] as number) - anchor));
    quantityUnit = divisor(quantityUnit, next.quantities[i] as number);
  }
  for (let i = 0; i < base.count; i += 1) quantityUnit = divisor(quantityUnit, base.quantities[i] as number);
  // With no base the first insertion steps from price 0.
  if (base.count === 0) priceUnit = divisor(priceUnit, Math.abs(anchor));
  for (let i = 1; i < base.count; i += 1) {
    priceUnit = divisor(priceUnit, Math.abs((base.prices[i] as number) - anchor));
  }
  return [priceUnit || 1, quantityUnit || 1];
}

/** Greatest common divisor; 0 counts as "none yet". The first test holds nearly always on a real ladder. */
function divisor(a: number, b: number): number {
  if (a === 0) return b;
  if (b % a === 0) return a;
  let x = a;
  let y = b % a;
  while (y !== 0) [x, y] = [y, x % y];
  return x;
}

function readCount(reader: ByteReader): number {
  const count = reader.varint();
  if (count > MAX_LEVELS) throw new CodecError(`${count} levels, at most ${MAX_LEVELS}`);
  return count;
}
