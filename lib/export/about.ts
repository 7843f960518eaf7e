/** What is said beside an export: what its numbers are, what it cannot know, and every hole in its interval. */
import type { ExportColumn, ExportKind } from '../core/exports.ts';
import { feedName } from '../core/feeds.ts';
import { slugOf } from '../core/instrument.ts';
import { IST_OFFSET_US } from '../core/ist.ts';
import type { ExportAsk } from './ask.ts';
import { COLUMNS_OF_KIND } from './columns.ts';
import { instantText } from './instant-text.ts';

const FORMAT = 'gehra-export/1';
const NO_GAP = 'market_closed';

export interface ExportGap {
  readonly feedId: number;
  readonly fromUs: number;
  /** null while it is open. */
  readonly toUs: number | null;
  readonly cause: string;
}

/** What was found out on the way. */
export interface ExportFacts {
  /** Feed whose rows these are; null where none has any. */
  readonly feedId: number | null;
  /** Feed of the trades among the events; null where there are none. */
  readonly tradesFeedId: number | null;
  /** Feeds that have rows of the same interval too, which are not in the file. */
  readonly otherFeedIds: readonly number[];
  /** Stamp up to which everything was stored when the export began: nothing after it is in the file. */
  readonly completeToUs: number;
  readonly gaps: readonly ExportGap[];
  readonly rows: number;
  readonly firstUs: number | null;
  readonly lastUs: number | null;
  /** The longest time between two rows; null where there are fewer than two. */
  readonly longestSilence: { readonly fromUs: number; readonly toUs: number } | null;
  /** Rows before this may have been deleted by retention already; null: nothing is deleted. */
  readonly keptFromUs: number | null;
}

const CAVEATS: Readonly<Record<ExportKind, readonly string[]>> = {
  ticks: ['Columns with _delta are against the tick before of the same feed; empty at the first one and after a gap.'],
  bars: [
    'A bar is made of the seconds that are stored; one that no trade fell into has no row.',
    'unattributed was traded across a gap, at a price nobody knows: it is in no other column.',
    'Who initiated a trade is inferred from the quote before it; unknown is neither bought nor sold.',
  ],
  depth_levels: ['A side without any level has one row, with level 0 and nothing else.'],
  depth_sides: [],
  hftbacktest: [
    'The feed gives snapshots, not orders: events are the differences of one snapshot to the next, several times a second at most. What happened between two of them cannot be seen.',
    'A level that left the feed’s window is written as gone (quantity 0), and as new when it comes back: a snapshot does not tell that from a cancellation. Queue positions deep in the book are unreliable.',
    'The exchange’s time is not known: exch_ts equals local_ts, our receive stamp. Set the latency of the backtest yourself.',
    'At the beginning of a gap the whole book is written as gone, and it is new after it: nothing can be filled in between.',
    'Trades are the volume between two ticks at the last price of the later one; several trades may be one. Their side is inferred; where it is unknown, neither BUY nor SELL is set.',
    'Bid and ask sides come in frames of their own, some milliseconds apart: between them the book can look crossed.',
  ],
};

/** The sidecar of an export, as JSON. */
export function aboutExport(ask: ExportAsk, facts: ExportFacts): string {
  const { instrument, kind, fromUs, toUs } = ask;
  const { keptFromUs, longestSilence } = facts;
  return `${JSON.stringify(
    {
      format: FORMAT,
      what: kind,
      fileFormat: ask.format,
      instrument: slugOf(instrument),
      interval: ask.interval,
      from: bothZones(fromUs),
      to: bothZones(toUs),
      timeZone: 'UTC in the file; from, to and gaps also in IST here',
      feed: nameOf(facts.feedId),
      tradesFeed: nameOf(facts.tradesFeedId),
      otherFeedsWithRows: facts.otherFeedIds.map(nameOf),
      priceUnitsInARupee: instrument.priceScale,
      tickSizeInPriceUnits: instrument.tickSize,
      lotSizeInUnits: instrument.lotSize,
      rows: facts.rows,
      firstRow: orNull(facts.firstUs),
      lastRow: orNull(facts.lastUs),
      completeTo: bothZones(facts.completeToUs),
      heardShare: heardShare(ask, facts),
      gaps: holesOf(ask, facts).map((gap) => ({
        feed: nameOf(gap.feedId),
        from: bothZones(gap.fromUs),
        to: gap.toUs === null ? null : bothZones(gap.toUs),
        cause: gap.cause,
      })),
      longestTimeWithoutARow:
        longestSilence === null
          ? null
          : {
              from: bothZones(longestSilence.fromUs),
              to: bothZones(longestSilence.toUs),
              seconds: (longestSilence.toUs - longestSilence.fromUs) / 1e6,
            },
      rowsBeforeThisMayBeDeletedAlready: keptFromUs !== null && keptFromUs > fromUs ? bothZones(keptFromUs) : null,
      columns: COLUMNS_OF_KIND[kind].map(({ name, type, unit, nullable }: ExportColumn) => ({
        name,
        type,
        unit,
        nullable,
      })),
      notes: CAVEATS[kind],
    },
    null,
    2,
  )}\n`;
}

/** Without a row for so long at its beginning an interval has a hole there, µs. */
const SILENT_US = 60_000_000;

/**
 * Every hole of the interval: the feed's gaps, and at its ends what no gap tells. `no_row`: nothing came before the first row, and
 * nothing says that the feed was heard then; `not_stored_yet`: the export began before the end of the interval was stored.
 */
function holesOf({ fromUs, toUs }: ExportAsk, { feedId, gaps, firstUs, completeToUs }: ExportFacts): ExportGap[] {
  if (feedId === null) return [...gaps];
  const endUs = Math.max(fromUs, Math.min(toUs, completeToUs));
  // Gaps of the feed are stored with its rows: none begins behind them.
  const holes = gaps.filter((gap) => gap.feedId !== feedId || gap.fromUs <= endUs);
  const own = holes.filter((gap) => gap.feedId === feedId);
  const beginsUs = firstUs ?? endUs;
  if (beginsUs - fromUs > SILENT_US && !own.some((gap) => gap.fromUs < beginsUs)) {
    holes.unshift({ feedId, fromUs, toUs: beginsUs, cause: 'no_row' });
  }
  // An open gap reaches to the end.
  if (endUs < toUs && own.every((gap) => gap.toUs !== null)) {
    holes.push({ feedId, fromUs: endUs, toUs, cause: 'not_stored_yet' });
  }
  return holes;
}

/** Holes in which something was missed: while the market was closed there was nothing to miss. */
export const missedHoles = (ask: ExportAsk, facts: ExportFacts): ExportGap[] =>
  holesOf(ask, facts).filter(({ cause }) => cause !== NO_GAP);

/**
 * Share of the interval that is stored and lies in no hole of the feed, 0 to 1: closed markets count as heard, as nothing was
 * missed in them. Holes of one feed do not overlap.
 */
function heardShare(ask: ExportAsk, facts: ExportFacts): number {
  const { fromUs, toUs } = ask;
  const { keptFromUs, feedId } = facts;
  if (feedId === null) return 0;
  const begin = Math.min(toUs, Math.max(fromUs, keptFromUs ?? fromUs));
  let heard = toUs - begin;
  for (const hole of missedHoles(ask, facts)) {
    if (hole.feedId !== feedId) continue;
    heard -= Math.max(0, Math.min(toUs, hole.toUs ?? toUs) - Math.max(begin, hole.fromUs));
  }
  return Math.round((heard / (toUs - fromUs)) * 1e6) / 1e6;
}

const nameOf = (feedId: number | null): string | null => (feedId === null ? null : feedName(feedId));
const orNull = (us: number | null) => (us === null ? null : bothZones(us));

function bothZones(us: number): { readonly utc: string; readonly ist: string; readonly us: number } {
  return { utc: instantText(us), ist: `${instantText(us + IST_OFFSET_US).slice(0, -1)}+05:30`, us };
}
