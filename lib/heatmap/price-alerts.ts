/** Rules on a price of the instrument that is looked at, as the picture shows them. */

export interface PriceAlert {
  /** Of its rule. */
  readonly id: number;
  readonly name: string;
  /** Price units. */
  readonly price: number;
  /** To which side of the price it has to come. */
  readonly direction: 'above' | 'below';
  /** A rule that is switched off tells nothing. */
  readonly isOn: boolean;
}

/** Of the chart's left edge, the width that their bells take, CSS px. */
export const BELL_PX = 24;

/** The alert nearest to a price, at most so far from it (price units); null: none is. */
export function alertNear(alerts: readonly PriceAlert[], price: number, reach: number): PriceAlert | null {
  let near: PriceAlert | null = null;
  let least = reach;
  for (const alert of alerts) {
    const distance = Math.abs(alert.price - price);
    if (distance > least || (near && distance === least)) continue;
    near = alert;
    least = distance;
  }
  return near;
}
