import { describe, expect, it } from 'vitest';
import type { BookRow } from './book-rows.ts';
import { outsideOf } from './outside.ts';

const rows = (...list: [row: number, quantity: number][]): BookRow[] =>
  list.map(([row, quantity]) => ({ row, quantity, orders: 1 }));

const BIDS = rows([99, 10], [95, 500], [90, 40], [80, 900]);
const ASKS = rows([101, 10], [110, 20], [120, 700], [130, 600]);

describe('what cannot be seen of the book', () => {
  it('is summed up above and below, with the nearest wall', () => {
    expect(outsideOf([BIDS, ASKS], 5, 94, 112, 500)).toEqual({
      above: { total: 1300, wall: { price: 600, quantity: 700 } },
      below: { total: 940, wall: { price: 400, quantity: 900 } },
    });
  });

  it('counts the rows at the ends as seen', () => {
    const { above, below } = outsideOf([BIDS, ASKS], 5, 80, 130, 1);
    expect([above.total, below.total]).toEqual([0, 0]);
  });

  it('counts both sides where the market has left the picture', () => {
    const { above, below } = outsideOf([BIDS, ASKS], 5, 200, 210, Number.POSITIVE_INFINITY);
    expect(above).toEqual({ total: 0, wall: null });
    expect(below).toEqual({ total: 1450 + 1330, wall: null });
  });
});
