/** Holds the picture's numbers against the database's, cell by cell. */

import type { ProbeAnswer } from '../../../lib/client/session-messages.ts';
import type { InstrumentSummary } from '../../../lib/core/instrument.ts';
import type { Instance } from '../../support/instance.ts';
import { expect } from './fixtures.ts';
import type { LivePage, ProbeQuestion } from './live-page.ts';
import { ASK, BID, inRow, recordedUpTo, type StoredSide, sideOfColumn, storedSides } from './stored-books.ts';

/** Levels that are looked at: the best, the first few, and far out to the last. */
const LEVELS = [0, 1, 4, 19, 99, 199];

interface Stretch {
  readonly fromUs: number;
  readonly toUs: number;
  /** Ticks a price row; default: each price by itself. */
  readonly rowTicks?: number;
}

interface Column {
  readonly startUs: number;
  readonly bid: StoredSide | null;
  readonly ask: StoredSide | null;
}

/**
 * Compares sampled cells of every whole column of a stretch of time with what is stored.
 *
 * @returns how many cells were compared
 */
export async function expectSameAsStored(
  live: LivePage,
  instance: Instance,
  instrument: InstrumentSummary,
  stretch: Stretch,
): Promise<number> {
  const { columnUs } = await live.view();
  // What the recorder had not written yet when history was asked for comes a moment later.
  await live.holds(stretch.fromUs, stretch.toUs);
  const columns = await storedColumns(instance, instrument.id, columnUs, stretch);
  const rowTicks = stretch.rowTicks ?? 1;
  const rowUnits = rowTicks * instrument.tickSize;
  const cells = columns.flatMap((column) =>
    pricesOf(column, instrument.tickSize).map((price) => ({
      column,
      question: { priceUnits: price, timeUs: column.startUs + columnUs / 2, rowTicks } satisfies ProbeQuestion,
    })),
  );
  const answers = await live.probeAll(cells.map(({ question }) => question));
  const differences = cells.flatMap(({ column, question }, i) => {
    const shown = wordsOf(answers[i] as ProbeAnswer);
    const stored = wordsOf(expectedOf(column, question.priceUnits, rowUnits));
    const { bestBid, bestAsk } = answers[i] as ProbeAnswer;
    return shown === stored
      ? []
      : [`${column.startUs} at ${question.priceUnits}: shown ${shown} of ${bestBid}/${bestAsk}, stored ${stored}`];
  });
  expect(differences, 'cells that differ from the database').toEqual([]);
  return cells.length;
}

async function storedColumns(
  instance: Instance,
  instrumentId: number,
  columnUs: number,
  { fromUs, toUs }: Stretch,
): Promise<Column[]> {
  await recordedUpTo(instance, instrumentId, toUs);
  const stored = await storedSides(instance, instrumentId, fromUs, toUs);
  const columns: Column[] = [];
  const first = Math.ceil(fromUs / columnUs) * columnUs;
  for (let startUs = first; startUs + columnUs <= toUs; startUs += columnUs) {
    const bid = sideOfColumn(stored, BID, startUs, columnUs);
    const ask = sideOfColumn(stored, ASK, startUs, columnUs);
    columns.push({ startUs, bid, ask });
  }
  expect(columns.length, 'whole columns in the stretch').toBeGreaterThan(0);
  return columns;
}

/** Prices of levels of both sides, and one in the middle between them, where nothing is. */
function pricesOf({ bid, ask }: Column, tickSize: number): number[] {
  const levels = [bid, ask].flatMap((side) => LEVELS.flatMap((level) => side?.prices[level] ?? []));
  const [bestBid, bestAsk] = [bid?.prices[0], ask?.prices[0]];
  if (bestBid === undefined || bestAsk === undefined) return levels;
  return [...levels, Math.round((bestBid + bestAsk) / 2 / tickSize) * tickSize];
}

function expectedOf(
  { bid, ask }: Column,
  price: number,
  rowUnits: number,
): Omit<ProbeAnswer, 'columnStartUs' | 'cause' | 'bestBid' | 'bestAsk'> {
  const [inBid, inAsk] = [bid && inRow(bid, price, rowUnits), ask && inRow(ask, price, rowUnits)];
  return {
    state: bid && ask ? 'data' : 'stale',
    bidQuantity: inBid?.quantity ?? null,
    bidOrders: inBid?.orders ?? null,
    askQuantity: inAsk?.quantity ?? null,
    askOrders: inAsk?.orders ?? null,
  };
}

const wordsOf = ({
  state,
  bidQuantity,
  bidOrders,
  askQuantity,
  askOrders,
}: Omit<ProbeAnswer, 'columnStartUs' | 'cause' | 'bestBid' | 'bestAsk'>): string =>
  `${state}, bid ${bidQuantity} in ${bidOrders}, ask ${askQuantity} in ${askOrders}`;
