import { describe, expect, it } from 'vitest';
import { priceAlertsOf } from './price-alerts.ts';
import type { ShownRule } from './rules.ts';

const SLUG = 'NFO:NIFTY-FUT';
const rule = (id: number, watch: Partial<ShownRule['watch']>, instruments: string[] | null = [SLUG]): ShownRule => ({
  id,
  name: `rule ${id}`,
  isOn: id % 2 === 1,
  watch: { by: 'metric', metric: 'last_price', direction: 'above', level: 0, ...watch } as ShownRule['watch'],
  instruments,
  priceScale: 100,
  hours: { from: '09:00', to: '15:40' },
  cooldownS: 0,
  cooldownOf: 'rule',
  channels: ['screen'],
  updated: '',
  updatedBy: '',
});

describe('alerts of a picture', () => {
  it('are the rules on the last price of its instrument, the lowest first', () => {
    const rules = [
      rule(1, { level: 300 } as never),
      rule(2, { level: 100, direction: 'below' } as never),
      rule(3, { metric: 'spread', level: 200 } as never),
      rule(4, { level: 200 } as never, ['NFO:BANKNIFTY-FUT']),
      rule(5, { by: 'signals' } as never, null),
    ];
    expect(priceAlertsOf(rules, SLUG)).toEqual([
      { id: 2, name: 'rule 2', isOn: false, price: 100, direction: 'below' },
      { id: 1, name: 'rule 1', isOn: true, price: 300, direction: 'above' },
    ]);
  });
});
