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
  const { count } = levels;
  writer.varint(count);
  if (count === 0) return;
  const units = Units.guess(levels);
  while (!numberLevels(side, levels, units)) {
    // Once more, with the smaller unit.
  }
  writer.zigzag(levels.prices[0] as number);
  writer.varint(units.price);
  writer.varint(units.quantity);
  writer.varints(numbers, 3 * count - 1);
}

/** The levels of a keyframe, each three numbers of at most 32 bits; the first lacks the step. */
const numbers = new Uint32Array(MAX_LEVELS * 3);

/** Fills `numbers`. @returns false where a unit had to be made smaller on the way */
function numberLevels(side: Side, { count, prices, quantities, orders }: SideLevels, units: Units): boolean {
  const sign = side === BID ? -1 : 1;
  let last = prices[0] as number;
  for (let i = 0; i < count; i += 1) {
    const price = prices[i] as number;
    const step = (price - last) * sign;
    const quantity = quantities[i] as number;
    if (step < 0) throw new RangeError(`level ${i} at ${price} is better than the one before it`);
    const steps = units.inPrice(step);
    const lots = units.inQuantity(quantity);
    if (steps * units.price !== step || lots * units.quantity !== quantity) {
      units.shrink(step, quantity);
      return false;
    }
    if (i > 0) numbers[3 * i - 1] = steps;
    numbers[3 * i] = lots;
    numbers[3 * i + 1] = orders[i] as number;
    last = price;
  }
  return true;
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
  reader.varints(numbers, 3 * count - 1);
  for (let i = 0; i < count; i += 1) {
    if (i > 0) price += (numbers[3 * i - 1] as number) * priceUnit * sign;
    setLevel(into, i, price, (numbers[3 * i] as number) * quantityUnit, numbers[3 * i + 1] as number);
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
  writer.varint(next.count);
  if (next.count === 0) return;
  const units = Units.guess(base.count > 0 ? base : next);
  const start = writer.position;
  while (!writeOperations(writer, side, base, next, units)) writer.position = start;
}

/** Writes the units and the operations. @returns false where a unit had to be made smaller on the way */
function writeOperations(writer: ByteWriter, side: Side, base: SideLevels, next: SideLevels, units: Units): boolean {
  const sign = side === BID ? -1 : 1;
  const { count } = next;
  writer.varint(units.price);
  writer.varint(units.quantity);
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
      if (kind !== KEEP) {
        const quantity = (next.quantities[n] as number) - (kind === CHANGE ? (base.quantities[b] as number) : 0);
        const step = kind === INSERT ? (price - last) * sign : 0;
        const lots = units.inQuantity(quantity);
        const steps = units.inPrice(step);
        if (steps * units.price !== step || lots * units.quantity !== quantity) {
          units.shrink(step, quantity);
          return false;
        }
        if (kind === INSERT) {
          writer.zigzag(steps);
          writer.varint(lots);
          writer.varint(next.orders[n] as number);
        } else {
          writer.zigzag(lots);
          writer.zigzag((next.orders[n] as number) - (base.orders[b] as number));
        }
      }
      if (kind !== INSERT) b += 1;
      last = price;
      n += 1;
    }
    writer.bytes[at] = (kind << 6) | (run - 1);
  }
  return true;
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

/** Levels from which the units are guessed: on a real ladder these few give the tick and the lot. */
const GUESS_LEVELS = 8;

/**
 * What prices and quantities are counted in. To find the greatest common divisor of all levels first would cost more than
 * the rest of the encoding; a guess is made instead, and whoever meets a number that it does not divide begins again
 * with one that does.
 */
class Units {
  private pricesIn = 0;
  private quantitiesIn = 0;

  private constructor(
    public price: number,
    public quantity: number,
  ) {
    this.shrink(0, 0);
  }

  static guess({ count, prices, quantities }: SideLevels): Units {
    let [price, quantity] = [0, 0];
    for (let i = 0; i < count && i < GUESS_LEVELS; i += 1) {
      if (i > 0) price = divisor(price, Math.abs((prices[i] as number) - (prices[i - 1] as number)));
      quantity = divisor(quantity, quantities[i] as number);
    }
    return new Units(price || 1, quantity || 1);
  }

  /**
   * How often the unit goes into a price step, where it divides it. By the inverse: a multiplication takes a fraction of a
   * division's time, and is wrong by far less than a half below 2^33.
   */
  inPrice(step: number): number {
    return Math.round(step * this.pricesIn);
  }

  inQuantity(quantity: number): number {
    return Math.round(quantity * this.quantitiesIn);
  }

  /** Makes the units such that they divide these too. */
  shrink(step: number, quantity: number): void {
    this.price = divisor(this.price, Math.abs(step));
    this.quantity = divisor(this.quantity, Math.abs(quantity));
    this.pricesIn = 1 / this.price;
    this.quantitiesIn = 1 / this.quantity;
  }
}

/** Greatest common divisor; that of 0 and a number is the number. */
function divisor(a: number, b: number): number {
  let x = a;
  let y = b;
  while (y !== 0) [x, y] = [y, x % y];
  return x;
}

function readCount(reader: ByteReader): number {
  const count = reader.varint();
  if (count > MAX_LEVELS) throw new CodecError(`${count} levels, at most ${MAX_LEVELS}`);
  return count;
}
