/**
 * What every detector is: pure, of one instrument, its time only from its input. It is shown a MarketView after each side, book,
 * trade and tick, says whether it has seen enough to be believed (`ready`), and begins anew after a gap. What it has learned of the
 * instrument's usual sizes it keeps: that is no event that could reach over the gap.
 */
import { BID, type Side } from '../core/side.ts';
import type { MarketView } from './market-view.ts';
import {
  type CauseNumber,
  frameName,
  parameterHash,
  type Signal,
  type SignalKind,
  type SignalState,
} from './signal.ts';

/** A book is two-sided only while both sides are this fresh; from a feed slower than that, while no frame is missing. */
export const FRESH_US = 2_000_000;

export interface Gap {
  /** µs since the epoch. */
  readonly fromUs: number;
  /** 0 while it is open. */
  readonly toUs: number;
}

/** What a detector says of a find; the rest follows from the view. */
export interface Find {
  readonly kind: SignalKind;
  readonly fromUs: number;
  readonly toUs: number;
  readonly lowPrice: number;
  readonly highPrice: number;
  readonly side: Side | null;
  /** Units. */
  readonly size: number;
  /** How many times its threshold the deciding number is: severity and confidence follow. */
  readonly margin: number;
  /** 1 where what is claimed was seen, less where it is inferred. */
  readonly certainty: number;
  readonly cause: Readonly<Record<string, CauseNumber>>;
  readonly evidence: readonly string[];
  readonly state?: SignalState;
  /** When the first state of this signal was told, where this is a later one: its name stays. */
  readonly namedUs?: number;
}

export abstract class Detector {
  /** `walls@1`. */
  readonly name: string;
  readonly parameters: string;

  constructor(name: string, version: number, options: object) {
    this.name = `${name}@${version}`;
    this.parameters = parameterHash(options);
  }

  /** Whether it has seen enough of the instrument. */
  abstract get ready(): boolean;
  /** Looks at what has just come; adds what it finds. */
  abstract push(view: MarketView, found: Signal[]): void;
  /** Forgets everything that was under way. */
  abstract reset(gap: Gap): void;

  protected tell(view: MarketView, found: Signal[], find: Find): void {
    const { instrumentId, feedId, stampUs } = view;
    const side = find.side === null ? null : find.side === BID ? 'bid' : 'ask';
    const place = `${side ?? 'book'}.${find.lowPrice}.${find.namedUs ?? stampUs}`;
    const tickAgeMs = view.tickUs === 0 ? null : Math.round((stampUs - view.tickUs) / 1000);
    found.push({
      id: `${find.kind}.${this.name}.${this.parameters}.${instrumentId}.${feedId}.${place}`,
      kind: find.kind,
      detector: this.name,
      parameters: this.parameters,
      instrumentId,
      feedId,
      fromUs: find.fromUs,
      toUs: find.toUs,
      foundUs: stampUs,
      lowPrice: find.lowPrice,
      highPrice: find.highPrice,
      side,
      size: find.size,
      severity: find.margin >= 4 ? 3 : find.margin >= 2 ? 2 : 1,
      confidence: round3(find.certainty * (1 - 0.5 / Math.max(1, find.margin)) * (tickAgeMs === null ? 0.6 : 1)),
      cause: find.cause,
      evidence: find.evidence,
      quality: { frameMs: Math.round(view.frameUs / 1000), tickAgeMs },
      state: find.state ?? 'once',
    });
  }
}

/** `walls` of `walls@1`. */
export const detectorOf = (name: string): string => name.split('@')[0] as string;

/** A number against what it had to reach. */
export const against = (value: number, threshold: number | null): CauseNumber => ({
  value: round3(value),
  threshold: threshold === null ? null : round3(threshold),
});

/** Frame of a side that came last, and the one before it. */
export const sideFrames = (view: MarketView, side: Side): string[] => {
  const [beforeN, nowN] = view.frameNumbers(side);
  const frames = [frameName(view.feedId, view.sideUs[side] as number, nowN)];
  if ((view.beforeUs[side] as number) > 0)
    frames.unshift(frameName(view.feedId, view.beforeUs[side] as number, beforeN));
  return frames;
};

export const tickFrame = (view: MarketView): string[] =>
  view.tickUs === 0 ? [] : [frameName(view.tickFeedId, view.tickUs, view.tickN)];

const round3 = (value: number): number => Math.round(value * 1000) / 1000;
