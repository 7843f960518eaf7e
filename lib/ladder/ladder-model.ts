/** What a ladder knows of one instrument: the book as the stream's reader holds it, and what it makes of the last seconds and of the session. */
import { type BookSide, type GapMessage, MessageReader, type TickMessage } from '../book/messages.ts';
import { ASK, BID, type Side } from '../core/side.ts';
import { CARRY_US } from '../heatmap/depth-model.ts';
import { Gaps } from '../heatmap/gaps.ts';
import { emptyTick } from '../heatmap/trades.ts';
import { BestTrail, NO_BEST } from './best-trail.ts';
import { RecentChanges } from './recent-changes.ts';
import { TradedAtPrice } from './traded-at-price.ts';

/**
 * How a side may be shown. `live`: as it stands; `old`: as it was, and looking so; `none`: nothing is known of it.
 */
export type SideLook = 'live' | 'old' | 'none';

export class LadderModel {
  readonly gaps = new Gaps();
  /** Newest tick; its stamp is 0 before the first. */
  readonly lastTick: TickMessage = emptyTick();
  readonly traded = new TradedAtPrice();
  readonly trail = new BestTrail();
  readonly changes = new RecentChanges();
  /** Newest stamp of this connection's first event, a picture of an instant: from there on nothing is missed. 0 before it. */
  heardFromUs = 0;
  private readonly reader = new MessageReader();

  constructor(readonly instrumentId: number) {}

  side(side: Side): Readonly<BookSide> {
    return this.reader.side(this.instrumentId, side);
  }

  /** Receive stamp of a side's newest frame; 0 where the side is not known. */
  stampOf(side: Side): number {
    const { known, stampUs } = this.side(side);
    return known ? stampUs : 0;
  }

  /** Best price of a side, price units; NO_BEST where there is none. */
  bestOf(side: Side): number {
    const { known, levels } = this.side(side);
    return known && levels.count > 0 ? (levels.prices[0] as number) : NO_BEST;
  }

  /** @param heard whether the stream is open: what it said last is not so any more once it cannot be heard */
  lookOf(side: Side, nowUs: number, heard: boolean): SideLook {
    const stampUs = this.stampOf(side);
    if (stampUs === 0 || this.gaps.open) return 'none';
    return heard && nowUs - stampUs <= CARRY_US ? 'live' : 'old';
  }

  /** A connection begins: everything of the book comes anew. */
  connected(): void {
    this.reader.reset();
    this.forget();
    this.heardFromUs = 0;
  }

  /** Takes in one event of the stream. @throws CodecError where its bytes are no messages. */
  read(bytes: Uint8Array): void {
    this.reader.read(bytes, {
      onDepth: (instrumentId, side) => this.onDepth(instrumentId, side),
      onTick: (tick) => this.onTick(tick),
      onGap: (gap) => this.onGap(gap),
      onBaseMissing: () => this.forget(),
    });
    if (this.heardFromUs === 0) {
      this.heardFromUs = Math.max(this.lastTick.stampUs, this.stampOf(BID), this.stampOf(ASK));
    }
  }

  private onDepth(instrumentId: number, side: BookSide): void {
    if (instrumentId !== this.instrumentId) return;
    this.gaps.endAt(side.stampUs);
    this.changes.note(side.side, side.levels, side.stampUs);
    this.trail.note(side.stampUs, this.bestOf(BID), this.bestOf(ASK));
  }

  private onTick(tick: TickMessage): void {
    if (tick.instrumentId !== this.instrumentId) return;
    const { stampUs, volume } = this.lastTick;
    // A connection begins with the last tick, which the one before may have brought already.
    if (tick.stampUs < stampUs || (tick.stampUs === stampUs && tick.volume === volume)) return;
    Object.assign(this.lastTick, tick);
    this.traded.add(tick);
    this.changes.trade(tick);
  }

  private onGap({ instrumentId, fromUs, toUs, cause }: GapMessage): void {
    if (instrumentId !== this.instrumentId) return;
    this.gaps.add({ fromUs, toUs: toUs === 0 ? Number.POSITIVE_INFINITY : toUs, cause });
    this.forget();
    this.trail.note(fromUs, NO_BEST, NO_BEST);
  }

  /** Nothing of the last seconds is carried over a hole. */
  private forget(): void {
    this.changes.clear();
  }
}
