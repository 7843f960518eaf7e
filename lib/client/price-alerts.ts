/** Which rules the picture of an instrument shows. */
import type { PriceAlert } from '../heatmap/price-alerts.ts';
import type { ShownRule } from './rules.ts';

/** Those on its last price, the lowest first. */
export function priceAlertsOf(rules: readonly ShownRule[], slug: string): readonly PriceAlert[] {
  return rules
    .flatMap(({ id, name, isOn, watch, instruments }) =>
      watch.by === 'metric' && watch.metric === 'last_price' && instruments?.includes(slug)
        ? [{ id, name, isOn, price: watch.level, direction: watch.direction }]
        : [],
    )
    .sort((a, b) => a.price - b.price || a.id - b.id);
}
