/**
 * What the HTTP API of market data can be asked, by path: the schemas that routes parse and answer by, that the OpenAPI document
 * is made of (openapi.ts) and that give lib/client its types. A route below /api/orderflow, /api/depth or /api/instruments
 * that is missing here fails a test.
 */
import type { z } from 'zod';
import * as books from './books.ts';
import * as candles from './candles.ts';
import * as coverage from './coverage.ts';
import * as flow from './flow.ts';
import * as instruments from './instruments.ts';
import type { Frozen } from './parts.ts';
import * as reconciliation from './reconciliation.ts';
import * as signals from './signals.ts';
import * as summary from './summary.ts';
import * as ticks from './ticks.ts';
import * as tiles from './tiles.ts';
import * as toxicity from './toxicity.ts';

interface Operation {
  /** A few words, without a full stop. */
  readonly summary: string;
  /** What else has to be known to read the numbers. */
  readonly description: string;
  readonly query: z.ZodObject;
  /** Of an answer in JSON; null where it is bytes. */
  readonly answer: z.ZodType | null;
}

export const OPERATIONS = {
  '/api/orderflow/bars': {
    summary: 'Bars by time',
    description: 'Bars in which nothing traded are left out. The first one is given whole. At most 5,000 a request.',
    query: flow.BarsQuery,
    answer: flow.BarsAnswer,
  },
  '/api/orderflow/bars/trades': {
    summary: 'Bars by number of trades or by volume',
    description:
      'Counted from `from` on; a trade is never divided, so a bar by volume may hold more. At most 24 hours and 5,000 bars a request.',
    query: flow.TradeBarsQuery,
    answer: flow.TradeBarsAnswer,
  },
  '/api/orderflow/bars/summed': {
    summary: 'Bars of several instruments, summed',
    description: 'Flow adds up, prices do not: a bar has no price. At most 5,000 bars and 50 instruments a request.',
    query: flow.SummedBarsQuery,
    answer: flow.SummedBarsAnswer,
  },
  '/api/orderflow/footprint': {
    summary: 'Footprints',
    description:
      'What was bought and sold at each price of a bar. Of a past minute that `to` is within nothing is told: `to` of the answer says so. At most 500 bars a request.',
    query: flow.FootprintQuery,
    answer: flow.FootprintAnswer,
  },
  '/api/orderflow/profile': {
    summary: 'Volume profile',
    description:
      'With its point of control and value area, over at most 31 days. Of a past minute that `to` is within nothing is told: `to` of the answer says so.',
    query: flow.ProfileQuery,
    answer: flow.ProfileAnswer,
  },
  '/api/orderflow/naked-pocs': {
    summary: 'Points of control that no later day has traded at',
    description:
      'One profile a day in India, over at most 31 days. Of a past minute that `to` is within nothing is told: `to` of the answer says so.',
    query: flow.NakedPocsQuery,
    answer: flow.NakedPocsAnswer,
  },
  '/api/orderflow/cvd': {
    summary: 'Cumulative volume delta',
    description:
      "From each day's normal open on (what traded before it is a run of its own), or from an anchor. `cvd` begins again after every gap; a bar in which a gap ends begins the new run. At most 5,000 bars a request, and 100,000 from the anchor on, which is at most 31 days earlier.",
    query: flow.CvdQuery,
    answer: flow.CvdAnswer,
  },
  '/api/orderflow/vwap': {
    summary: 'Volume-weighted average price with bands',
    description:
      "From each day's normal open on, or from an anchor of a whole minute, over at most 31 days. Of a past minute that `to` is within nothing is told: `to` of the answer says so. Exact over what was heard; `missing` says what was not.",
    query: flow.VwapQuery,
    answer: flow.VwapAnswer,
  },
  '/api/orderflow/imbalance': {
    summary: 'Depth imbalance over time',
    description:
      'From stored books, over N levels or within x % of the mid. Only books whose two sides are at most 2 s old count. At most 4,000 samples a request.',
    query: books.ImbalanceQuery,
    answer: books.ImbalanceAnswer,
  },
  '/api/orderflow/cost': {
    summary: 'Spread and cost of a size over time',
    description:
      'From stored books: what it costs to buy so many lots and to sell them at once, the spread paid and the levels gone through. Only books whose two sides are at most 2 s old count. At most 4,000 samples a request.',
    query: books.CostQuery,
    answer: books.CostAnswer,
  },
  '/api/orderflow/ofi': {
    summary: 'Order flow imbalance over time',
    description:
      'From every stored book to the next: of the best quotes (Cont, Kukanov and Stoikov 2014), by rank (Xu, Gould and Howison 2019), and by price. Between two books only the net change is seen: each figure is a lower bound. Nothing is compared over a gap. At most 50,000 frames a request.',
    query: books.OfiQuery,
    answer: books.OfiAnswer,
  },
  '/api/orderflow/ticks': {
    summary: 'Stored ticks, page by page',
    description:
      'With everything a tick gains from the one before it. Filters by side and quantity leave ticks without a trade out. At most 31 days a request.',
    query: ticks.TicksQuery,
    answer: ticks.TicksAnswer,
  },
  '/api/orderflow/tape': {
    summary: 'Trades, page by page',
    description:
      'Ticks on which something traded: what traded between a tick and the one before it is one row. At most 31 days a request.',
    query: ticks.TapeQuery,
    answer: ticks.TapeAnswer,
  },
  '/api/orderflow/gaps': {
    summary: 'When feeds were not heard, and why',
    description: 'Of all feeds, or of those of an instrument. At most 31 days and 5,000 gaps a request.',
    query: coverage.GapsQuery,
    answer: coverage.GapsAnswer,
  },
  '/api/orderflow/coverage': {
    summary: 'Coverage calendar',
    description:
      'Share of each session that was recorded, by day and instrument, and what is missing. At most 31 days and 50 instruments a request.',
    query: coverage.CoverageQuery,
    answer: coverage.CoverageAnswer,
  },
  '/api/orderflow/reconciliation': {
    summary: "A day beside the broker's candles of it",
    description:
      'Each recorded instrument and feed, the worst first: coverage, what differs and what explains it, and the longest 50 gaps.',
    query: reconciliation.ReconciliationQuery,
    answer: reconciliation.ReconciliationAnswer,
  },
  '/api/orderflow/reconciliation/month': {
    summary: 'The days of a month, and how each compares with the broker',
    description: 'Days that have not been compared have nothing but what the calendar says of them.',
    query: reconciliation.MonthQuery,
    answer: reconciliation.MonthAnswer,
  },
  '/api/orderflow/candles': {
    summary: "A broker's historical candles",
    description:
      'As they were downloaded, of one broker, never joined to what was recorded here. At most 20,000 candles a request.',
    query: candles.CandlesQuery,
    answer: candles.CandlesAnswer,
  },
  '/api/orderflow/candles/downloads': {
    summary: 'Downloads of candles',
    description:
      'Those that wait, then those that ended or were cancelled last, 50 in all. An owner asks for more by POST, or by `./gehra candles`.',
    query: candles.DownloadsQuery,
    answer: candles.DownloadsAnswer,
  },
  '/api/orderflow/continuous': {
    summary: 'One series of a future over its expiries',
    description:
      'Of one source, which it names. `instrument` is any of its contracts: those of the same exchange and name follow one another. At most 20,000 bars and 48 contracts a request.',
    query: candles.ContinuousQuery,
    answer: candles.ContinuousAnswer,
  },
  '/api/orderflow': {
    summary: 'Futures, calls and puts of an underlying, summed',
    description:
      "The contracts of the two nearest expiries that are recorded, today. The predecessor's answer under its keys, with its mistakes corrected; ratio > 1.5 was its buy, < 0.67 its sell.",
    query: summary.SummaryQuery,
    answer: summary.SummaryAnswer,
  },
  '/api/orderflow/toxicity': {
    summary: 'Toxicity of an underlying, summed',
    description:
      "The predecessor's answer under its keys, with its mistakes corrected. Its kyle_lambda is flow intensity x depth toxicity; the regression slope is at /api/orderflow/toxicity/kyle-lambda.",
    query: summary.ToxicitySummaryQuery,
    answer: summary.ToxicitySummaryAnswer,
  },
  '/api/orderflow/toxicity/kyle-lambda': {
    summary: "Kyle's lambda over time",
    description:
      'Slope of the least-squares line of price changes on signed volumes (Kyle 1985). Steps in which nothing traded, and those over a gap, are left out. At most 50,000 steps a request.',
    query: toxicity.KyleLambdaQuery,
    answer: toxicity.KyleLambdaAnswer,
  },
  '/api/orderflow/toxicity/vpin': {
    summary: 'VPIN over time (experimental)',
    description:
      "Easley, López de Prado and O'Hara 2012. Counted from `from` on; the bucket under way is forgotten at a gap. At most 24 hours a request.",
    query: toxicity.VpinQuery,
    answer: toxicity.VpinAnswer,
  },
  '/api/orderflow/toxicity/consumption': {
    summary: 'Consumption of depth over time',
    description:
      "The predecessor's four numbers of a tick, their means over each interval. At most 24 hours a request.",
    query: toxicity.ConsumptionQuery,
    answer: toxicity.ConsumptionAnswer,
  },
  '/api/depth/book': {
    summary: 'The book as of an instant',
    description: 'With all metrics of a book whose sides were fresh.',
    query: books.BookQuery,
    answer: books.BookAnswer,
  },
  '/api/depth/range': {
    summary: 'Stored depth, frame by frame',
    description: 'One frame a side, in the order of book time, page by page.',
    query: books.DepthRangeQuery,
    answer: books.DepthRangeAnswer,
  },
  '/api/depth/history': {
    summary: 'Depth of an interval as the pages draw it',
    description:
      'The last frame of each column, as bytes in the form of the live stream (docs/STREAM.md). At most 4,000 columns a request.',
    query: books.DepthHistoryQuery,
    answer: null,
  },
  '/api/depth/tiles': {
    summary: 'Which tiles of the heatmap an interval has',
    description: 'With the address of each (docs/TILES.md). At most 4,000 columns a request.',
    query: tiles.TileIndexQuery,
    answer: tiles.TileIndexAnswer,
  },
  '/api/depth/tile': {
    summary: 'A tile of the heatmap',
    description: 'As bytes (docs/TILES.md), with an `etag` once it cannot change any more.',
    query: tiles.TileQuery,
    answer: null,
  },
  '/api/signals': {
    summary: 'Signals that were found',
    description:
      'Newest first, by when each was first told; a later state changes a signal in place. What each kind means is in docs/SIGNALS.md. At most 500 a page.',
    query: signals.SignalsQuery,
    answer: signals.SignalsAnswer,
  },
  '/api/signals/report': {
    summary: 'What signals were worth',
    description:
      'How the mid moved 10 s, 30 s, 60 s and 5 min after each in the direction that it spoke of, less half the spread, against the same at random times of the same instrument and hour (docs/SIGNALS.md). A verdict holds for all comparisons of an answer together, by Holm. At most 92 days a request.',
    query: signals.SignalReportQuery,
    answer: signals.SignalReportAnswer,
  },
  '/api/instruments': {
    summary: 'Instruments that match a search',
    description: 'The recorded ones first, deepest first.',
    query: instruments.InstrumentsQuery,
    answer: instruments.InstrumentsAnswer,
  },
  '/api/instruments/latest': {
    summary: 'Latest state of many instruments at once',
    description: 'Of the newest stored tick of each, of the last day. At most 200 a request.',
    query: instruments.LatestQuery,
    answer: instruments.LatestAnswer,
  },
} as const satisfies Record<string, Operation>;

type Operations = typeof OPERATIONS;
export type OperationPath = keyof Operations;
/** Those that answer in JSON. */
export type JsonPath = {
  [Path in OperationPath]: Operations[Path]['answer'] extends z.ZodType ? Path : never;
}[OperationPath];

/** What a caller writes. */
export type QueryInput<Path extends OperationPath> = z.input<Operations[Path]['query']>;
/** What a service gets. */
export type Query<Path extends OperationPath> = z.output<Operations[Path]['query']>;
export type Answer<Path extends JsonPath> = Frozen<z.output<Extract<Operations[Path]['answer'], z.ZodType>>>;
