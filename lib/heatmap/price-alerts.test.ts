import { describe, expect, it } from 'vitest';
import { alertNear, type PriceAlert } from './price-alerts.ts';

const alert = (id: number, price: number): PriceAlert => ({ id, name: '', price, direction: 'above', isOn: true });

describe('the alert near a price', () => {
  const alerts = [alert(1, 100), alert(2, 110), alert(3, 110)];

  it('is the nearest within reach, the first of several at one price', () => {
    expect(alertNear(alerts, 104, 5)?.id).toBe(1);
    expect(alertNear(alerts, 106, 5)?.id).toBe(2);
    expect(alertNear(alerts, 115, 5)?.id).toBe(2);
  });

  it('is none beyond it', () => {
    expect(alertNear(alerts, 116, 5)).toBeNull();
    expect(alertNear([], 100, 5)).toBeNull();
  });
});
