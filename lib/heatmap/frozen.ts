/**
 * The model as it was when the picture was paused. Taking in goes on (what came meanwhile is there at once when the pause
 * ends, bounded as everything else is), but nothing later than the pause is shown.
 */
import { BookSide, type TickMessage } from '../book/messages.ts';
import { ASK, BID, type Side } from '../core/side.ts';
import type { ColumnSource } from './cell-ring.ts';
import type { Frame } from './column-store.ts';
import { CARRY_US, COLUMN_STATE, type ColumnState, type DepthModel } from './depth-model.ts';
import { columnOf, TIERS_US, type Tier } from './tiers.ts';

export class Frozen implements ColumnSource {
  readonly lastTick: TickMessage;
  private readonly sides: readonly [BookSide, BookSide];

  constructor(
    private readonly model: DepthModel,
    readonly asOfUs: number,
  ) {
    this.lastTick = { ...model.lastTick };
    this.sides = [copyOf(model.side(BID)), copyOf(model.side(ASK))];
  }

  side(side: Side): Readonly<BookSide> {
    return this.sides[side];
  }

  resolve(tier: Tier, column: number, side: Side, _nowUs: number, into: Frame): ColumnState {
    const { asOfUs, model } = this;
    const columnUs = TIERS_US[tier];
    const current = columnOf(asOfUs, columnUs);
    if (column > current) return COLUMN_STATE.none;
    // The column of the pause has gone on in the model; all before it are finished.
    if (column < current) return model.resolve(tier, column, side, asOfUs, into);
    const frozen = this.sides[side];
    const inColumn = columnOf(frozen.stampUs, columnUs) === current;
    if (!frozen.known || (!inColumn && asOfUs - frozen.stampUs > CARRY_US)) {
      return model.gaps.overlapping(current * columnUs, asOfUs) ? COLUMN_STATE.gap : COLUMN_STATE.stale;
    }
    into.pointAt(frozen);
    return COLUMN_STATE.data;
  }
}

function copyOf(side: Readonly<BookSide>): BookSide {
  const copy = new BookSide(side.side);
  copy.levels.copyFrom(side.levels);
  copy.known = side.known;
  copy.stampUs = side.stampUs;
  copy.bookTimeUs = side.bookTimeUs;
  return copy;
}
