import { describe, expect, it } from 'vitest';
import { EasedQuantity } from './eased.ts';

describe('eased quantity', () => {
  it('takes the first value at once', () => {
    const value = new EasedQuantity();
    expect(value.at(0)).toBeNull();
    value.offer(100, 0);
    expect(value.at(0)).toBe(100);
    expect(value.moving(0)).toBe(false);
  });

  it('ignores changes within ten per cent', () => {
    const value = new EasedQuantity();
    value.offer(100, 0);
    value.offer(109, 10);
    value.offer(91, 20);
    expect(value.at(5000)).toBe(100);
    expect(value.moving(30)).toBe(false);
  });

  it('takes 400 ms to a larger change, and passes only values in between', () => {
    const value = new EasedQuantity();
    value.offer(100, 0);
    value.offer(1000, 1000);
    let last = 100;
    for (let ms = 1000; ms <= 1400; ms += 20) {
      const now = value.at(ms) as number;
      expect(now).toBeGreaterThanOrEqual(last);
      last = now;
    }
    expect(value.moving(1399)).toBe(true);
    expect(value.moving(1400)).toBe(false);
    expect(value.at(1400)).toBe(1000);
  });

  it('turns from where it is, without a jump', () => {
    const value = new EasedQuantity();
    value.offer(100, 0);
    value.offer(1000, 0);
    const half = value.at(200) as number;
    value.offer(10, 200);
    expect(value.at(200)).toBeCloseTo(half, 9);
  });

  it('jumps where motion is to be reduced', () => {
    const value = new EasedQuantity();
    value.offer(100, 0);
    value.offer(1000, 10, true);
    expect(value.at(10)).toBe(1000);
    expect(value.moving(10)).toBe(false);
  });
});
