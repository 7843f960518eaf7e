/**
 * One side of a book for sealed history: the difference to the side before, decision by decision through an adaptive
 * coder. Lossless; a fraction of what the queue's codec (side-codec.ts) takes, at several times its cost.
 *
 * Both sides are gone through from best to worst by price. At each level of the side before, a decision says whether it
 * stands as it was, stands with other numbers, is gone, or has a new level before it; a decision for several levels at
 * once comes first, since most stand as they were. Levels that sank below the last one sent are remembered: when the
 * price comes back, they are mostly found as they were.
 */
import { type AdaptiveCoder, NUMBER_CONTEXTS } from '../core/adaptive-coder.ts';
import { CodecError } from '../core/bytes.ts';
import { BID, MAX_LEVELS, type Side, type SideLevels } from '../core/side.ts';

/** Levels remembered of a side, those that are out of sight included. */
const MEMORY_LEVELS = 3 * MAX_LEVELS;
/** Levels that one decision can leave as they were. */
const GROUP = 16;

/** Numbers of a remembered level, one after the other: a run of levels is moved by one copy. */
const PRICE = 0;
const QUANTITY = 1;
const ORDERS = 2;
/** What the quantity was before its last change. */
const EARLIER = 3;
/** Number of the frame in which the level changed last. */
const CHANGED = 4;
const STRIDE = 5;

const KEEP = 0;
const CHANGE = 1;
const DROP = 2;
const INSERT = 3;

/** How long ago a level changed, in frames: 0, 1, 2, 3–5, 6–11, 12–23, 24–63, longer. */
const AGE_CLASSES = 8;
const AGE_MAX = 64;
const AGE_CLASS = Uint8Array.from({ length: AGE_MAX + 1 }, (_, age) =>
  age < 3 ? age : age < 6 ? 3 : age < 12 ? 4 : age < 24 ? 5 : age < AGE_MAX ? 6 : 7,
);
/** Distance from the touch, in levels: 0, 1, 2–3, 4–7, ... 64–127, further. */
const DEPTH_CLASSES = 9;
const DEPTH_CLASS = Uint8Array.from({ length: MEMORY_LEVELS + 1 }, (_, level) => Math.min(32 - Math.clz32(level), 8));

const GROUP_CONTEXTS = DEPTH_CLASSES * AGE_CLASSES * 2 * 2;
/** By distance, decision before, in or out of sight, room for a level before it. */
const PLACES = DEPTH_CLASSES * 4 * 2 * 2;

/** What is remembered of one side of one instrument. Prices in units away from zero, growing from best to worst. */
export class SideMemory {
  count = 0;
  /** Levels of the last frame: those after them are out of sight. */
  inSight = 0;
  frame = 0;
  levels = new Int32Array(MEMORY_LEVELS * STRIDE);
}

/** Codes sides of any instruments through one coder; all of them share what is learnt. */
export class SealedSides {
  private readonly sameCount: number;
  private readonly counts: number;
  private readonly group: number;
  private readonly keep: number;
  private readonly other: number;
  private readonly better: number;
  private readonly steps: number;
  private readonly newQuantity: number;
  private readonly newOrders: number;
  private readonly back: number;
  private readonly quantitySign: number;
  private readonly quantityStep: number;
  private readonly ordersSign: number;
  private readonly ordersStep: number;
  /** The memory of the side under way, built up beside the old one. */
  private next = new Int32Array(MEMORY_LEVELS * STRIDE);

  constructor(private readonly coder: AdaptiveCoder) {
    this.sameCount = coder.reserve(1);
    this.counts = coder.reserve(NUMBER_CONTEXTS);
    this.group = coder.reserve(GROUP_CONTEXTS);
    this.keep = coder.reserve(PLACES * AGE_CLASSES);
    this.other = coder.reserve(PLACES * 2 * 2);
    this.better = coder.reserve(NUMBER_CONTEXTS);
    this.steps = coder.reserve(3 * NUMBER_CONTEXTS);
    this.newQuantity = coder.reserve(3 * NUMBER_CONTEXTS);
    this.newOrders = coder.reserve(8 * NUMBER_CONTEXTS);
    this.back = coder.reserve(AGE_CLASSES);
    this.quantitySign = coder.reserve(3);
    this.quantityStep = coder.reserve(6 * NUMBER_CONTEXTS);
    this.ordersSign = coder.reserve(3 * 2 * 2);
    this.ordersStep = coder.reserve(3 * NUMBER_CONTEXTS);
  }

  /**
   * Encodes `levels`, or decodes into it. Strictly best first; prices divisible by `priceUnit`, quantities by
   * `quantityUnit`.
   *
   * @throws CodecError where what was decoded cannot be a side
   */
  code(memory: SideMemory, side: Side, priceUnit: number, quantityUnit: number, levels: SideLevels): void {
    const { coder, next } = this;
    const { encoding } = coder;
    const unit = side === BID ? -priceUnit : priceUnit;
    const count = this.codeCount(memory.inSight, levels.count);
    levels.count = count;
    memory.frame += 1;
    const old = memory.levels;
    let from = 0;
    let last = 0;
    let before = KEEP;
    let groupAt = 0;
    let n = 0;
    while (n < count) {
      if (n >= groupAt && n + GROUP <= count && from + GROUP <= memory.count) {
        if (this.codeGroup(memory, from, n, before, unit, quantityUnit, levels)) {
          next.set(old.subarray(from * STRIDE, (from + GROUP) * STRIDE), n * STRIDE);
          from += GROUP;
          n += GROUP;
          last = next[(n - 1) * STRIDE + PRICE] as number;
          before = KEEP;
          continue;
        }
        groupAt = n + GROUP;
      }
      const at = from * STRIDE;
      const known = from < memory.count;
      const oldPrice = known ? (old[at + PRICE] as number) : 0;
      const price = encoding ? (levels.prices[n] as number) / unit : 0;
      const quantity = encoding ? (levels.quantities[n] as number) / quantityUnit : 0;
      const orders = encoding ? (levels.orders[n] as number) : 0;
      let op = INSERT;
      if (known) {
        if (encoding && price >= oldPrice) {
          if (price > oldPrice) op = DROP;
          else op = quantity === unsigned(old, at + QUANTITY) && orders === unsigned(old, at + ORDERS) ? KEEP : CHANGE;
        }
        const noRoom = n > 0 && oldPrice - last === 1 ? 1 : 0;
        op = this.codeOp(op, n, before, from >= memory.inSight ? 1 : 0, noRoom, ageClass(memory, at));
      }
      before = op;
      if (op === DROP) {
        from += 1;
        continue;
      }
      const to = n * STRIDE;
      if (op === KEEP) {
        for (let i = 0; i < STRIDE; i += 1) next[to + i] = old[at + i] as number;
        from += 1;
      } else if (op === CHANGE) {
        this.codeChange(memory, at, n, quantity, orders);
        from += 1;
      } else {
        next[to + PRICE] = this.codeNewPrice(price, n, last, known, oldPrice);
        const read = coder.number(this.newQuantity + third(n) * NUMBER_CONTEXTS, quantity);
        next[to + QUANTITY] = read;
        next[to + ORDERS] = coder.number(this.newOrders + lengthClass(read) * NUMBER_CONTEXTS, orders);
        next[to + EARLIER] = 0;
        next[to + CHANGED] = memory.frame;
      }
      last = next[to + PRICE] as number;
      n += 1;
    }
    if (!encoding) give(next, unit, quantityUnit, levels);
    this.remember(memory, from, count);
  }

  private codeCount(before: number, count: number): number {
    const { coder } = this;
    if (coder.bit(this.sameCount, count === before ? 1 : 0) === 1) return before;
    const read = coder.number(this.counts, count);
    if (read > MAX_LEVELS) throw new CodecError(`${read} levels, at most ${MAX_LEVELS}`);
    return read;
  }

  /** Whether the next levels all stand as they were. */
  private codeGroup(
    memory: SideMemory,
    from: number,
    n: number,
    before: number,
    unit: number,
    quantityUnit: number,
    levels: SideLevels,
  ): boolean {
    const { coder } = this;
    const old = memory.levels;
    let youngest = 0;
    for (let i = 0, at = from * STRIDE + CHANGED; i < GROUP; i += 1, at += STRIDE) {
      if ((old[at] as number) > youngest) youngest = old[at] as number;
    }
    const age = AGE_CLASS[Math.min(memory.frame - youngest - 1, AGE_MAX)] as number;
    const hidden = from + GROUP > memory.inSight ? 1 : 0;
    const context = (((DEPTH_CLASS[n] as number) * AGE_CLASSES + age) * 2 + hidden) * 2 + (before === KEEP ? 0 : 1);
    const same = coder.encoding && isSame(old, from, n, unit, quantityUnit, levels) ? 1 : 0;
    return coder.bit(this.group + context, same) === 1;
  }

  private codeOp(op: number, n: number, before: number, hidden: number, noRoom: number, age: number): number {
    const { coder } = this;
    const place = (((DEPTH_CLASS[n] as number) * 4 + before) * 2 + hidden) * 2 + noRoom;
    if (coder.bit(this.keep + place * AGE_CLASSES + age, op === KEEP ? 1 : 0) === 1) return KEEP;
    const other = this.other + (place * 2 + (age < 3 ? 1 : 0)) * 2;
    if (coder.bit(other, op === CHANGE ? 1 : 0) === 1) return CHANGE;
    return coder.bit(other + 1, op === DROP ? 1 : 0) === 1 ? DROP : INSERT;
  }

  /** A price before the best one that was known is told by its distance from it, any other from the level before. */
  private codeNewPrice(price: number, n: number, last: number, known: boolean, old: number): number {
    const { coder } = this;
    if (n > 0) return last + 1 + coder.number(this.steps + third(n) * NUMBER_CONTEXTS, price - last - 1);
    if (known) return old - 1 - coder.number(this.better, old - 1 - price);
    // The first side of all.
    return coder.plain(price, 32) | 0;
  }

  private codeChange(memory: SideMemory, at: number, n: number, quantity: number, orders: number): void {
    const { coder, next } = this;
    const from = memory.levels;
    const to = n * STRIDE;
    const old = unsigned(from, at + QUANTITY);
    const oldOrders = unsigned(from, at + ORDERS);
    const earlier = unsigned(from, at + EARLIER);
    let now: number;
    // Quantities flicker: an order comes, goes, and the level says what it said before.
    const canFlicker = earlier !== 0 && earlier !== old;
    if (canFlicker && coder.bit(this.back + ageClass(memory, at), quantity === earlier ? 1 : 0) === 1) {
      now = earlier;
    } else {
      const depth = third(n);
      const less = coder.bit(this.quantitySign + depth, quantity < old ? 1 : 0);
      const step = coder.number(
        this.quantityStep + (depth * 2 + less) * NUMBER_CONTEXTS,
        less === 1 ? old - quantity : quantity - old,
      );
      now = (less === 1 ? old - step : old + step) >>> 0;
    }
    next[to + PRICE] = from[at + PRICE] as number;
    next[to + QUANTITY] = now;
    next[to + ORDERS] = this.codeOrders(now < old ? 0 : now === old ? 1 : 2, oldOrders, orders);
    next[to + EARLIER] = old;
    next[to + CHANGED] = memory.frame;
  }

  private codeOrders(direction: number, old: number, orders: number): number {
    const { coder } = this;
    const context = this.ordersSign + (direction * 2 + (old < 2 ? 1 : 0)) * 2;
    if (coder.bit(context, orders === old ? 1 : 0) === 1) return old;
    const fewer = coder.bit(context + 1, orders < old ? 1 : 0) === 1;
    const difference = (fewer ? old - orders : orders - old) - 1;
    const step = coder.number(this.ordersStep + direction * NUMBER_CONTEXTS, difference) + 1;
    return (fewer ? old - step : old + step) >>> 0;
  }

  /** Puts what was coded in the memory's place, and behind it what of the memory lies beyond. */
  private remember(memory: SideMemory, from: number, count: number): void {
    // A side without levels says nothing of those out of sight: they would stand before its next best.
    const kept = count === 0 ? 0 : Math.min(memory.count - from, MEMORY_LEVELS - count);
    this.next.set(memory.levels.subarray(from * STRIDE, (from + kept) * STRIDE), count * STRIDE);
    [memory.levels, this.next] = [this.next, memory.levels];
    memory.count = count + kept;
    memory.inSight = count;
  }
}

/** All numbers stand in one signed array; those that are unsigned are read by this. */
const unsigned = (levels: Int32Array, at: number): number => (levels[at] as number) >>> 0;

const ageClass = ({ levels, frame }: SideMemory, at: number): number =>
  AGE_CLASS[Math.min(frame - (levels[at + CHANGED] as number) - 1, AGE_MAX)] as number;

function isSame(
  old: Int32Array,
  from: number,
  n: number,
  unit: number,
  quantityUnit: number,
  { prices, quantities, orders }: SideLevels,
): boolean {
  for (let i = n, at = from * STRIDE; i < n + GROUP; i += 1, at += STRIDE) {
    if (
      prices[i] !== (old[at + PRICE] as number) * unit ||
      quantities[i] !== unsigned(old, at + QUANTITY) * quantityUnit ||
      orders[i] !== unsigned(old, at + ORDERS)
    ) {
      return false;
    }
  }
  return true;
}

function give(from: Int32Array, unit: number, quantityUnit: number, into: SideLevels): void {
  const { count, prices, quantities, orders } = into;
  for (let i = 0, at = 0; i < count; i += 1, at += STRIDE) {
    prices[i] = (from[at + PRICE] as number) * unit;
    quantities[i] = unsigned(from, at + QUANTITY) * quantityUnit;
    orders[i] = unsigned(from, at + ORDERS);
  }
}

/** Near the touch, a little away, further. */
const third = (level: number): number => (level < 3 ? 0 : level < 20 ? 1 : 2);

const lengthClass = (value: number): number => Math.min(32 - Math.clz32(value), 7);
