/** The goals, and how far a reference got beyond them. A ratio is dimensionless; every other unit is said. */
export interface Goal {
  /** The stage, and what is compared with what. */
  readonly what: string;
  /** Whether the figure has to be at least or at most the goal. */
  readonly bound: 'at least' | 'at most';
  readonly goal: number;
  readonly stretch: number;
  readonly unit:
    | 'x'
    | 'ms'
    | 'µs'
    | '% of a core'
    | 'rows'
    | 'books/s'
    | 'MB'
    | '%'
    | 'MB/min'
    | 'ms/s'
    | 'tasks'
    | 'points';
}

const atLeast = (what: string, goal: number, stretch: number, unit: Goal['unit'] = 'x'): Goal => ({
  what,
  bound: 'at least',
  goal,
  stretch,
  unit,
});
const atMost = (what: string, goal: number, stretch: number, unit: Goal['unit'] = 'x'): Goal => ({
  what,
  bound: 'at most',
  goal,
  stretch,
  unit,
});

export const GOALS = {
  a1: atLeast('parse a Kite frame into the official client’s objects: ours / kiteconnect parseBinary', 60, 90),
  a2: atLeast('parse a Kite frame into columns: ours / kiteconnect parseBinary', 500, 1000),
  a3: atLeast('parse a 200-level frame: ours / the predecessor’s Python loop', 100, 200),
  b1: atLeast('ticks through the queue: ours / RabbitMQ + pika + JSON', 40, 70),
  'b2-amqplib': atLeast('ticks through the queue: ours / RabbitMQ + amqplib', 12, 20),
  'b2-bullmq': atLeast('ticks through the queue: ours / BullMQ', 40, 60),
  b3: atLeast('200-level books through the queue: ours / pika + JSON', 12, 25),
  b4: atMost('queue delay at the live rate, p99', 5, 2, 'ms'),
  c1: atLeast('books stored, durable: ours / execute_batch into one row per level', 50, 150),
  c2: atLeast('bulk load: ours / raw COPY of 6.4 kB frames', 0.4, 0.8),
  c3: atMost('rows lost or doubled when resent and out of order', 0, 0, 'rows'),
  d1: atMost('sealed history, bytes a book: ours / order-0 entropy of the delta symbols', 1.5, 1.15),
  d2: atLeast('bytes a book on disk: the predecessor’s table / ours', 300, 600),
  'd3-csv': atLeast('bytes a book: tardis-style CSV.gz / ours', 2, 3),
  'd3-dbn': atLeast('bytes a book: DBN-style + zstd / ours', 2.5, 6),
  'e1-sql': atLeast('hour of heatmap: SQL on the predecessor’s rows / ours', 300, 800),
  'e1-duckdb': atLeast('hour of heatmap: DuckDB / ours', 15, 40),
  'e1-api': atMost('hour of heatmap: tiles asked for, decoded and put together', 100, 30, 'ms'),
  'e-book': atMost('the book as of any instant, p99', 20, 5, 'ms'),
  e2: atLeast('hour of heatmap at any grouping: DuckDB / ours', 0.8, 1.5),
  e3: atLeast('day of 1-minute bars and footprint: raw SQL / ours', 50, 200),
  f1: atLeast('bytes a live book update: JSON / ours', 50, 80),
  'f2-json': atLeast('messages a server CPU second: ours / JSON per client over SSE', 8, 10),
  'f2-bun': atLeast('messages a server CPU second: ours / Bun', 0.4, 0.6),
  g1: atLeast('CPU a frame, heatmap scrolling: lightweight-charts rectangles / ours', 60, 120),
  g2: atMost('CPU a frame, heatmap scrolling: ours / bare ImageData', 2, 1.2),
  'g3-landing': atMost('first-load JS of the landing page: ours / an empty Next app', 1.3, 1.1),
  'g3-heatmap': atMost('first-load JS of the heatmap page: ours / an empty Next app', 1.7, 1.45),
  'h1-p50': atMost('packet to frame, p50: ours / a bare pipeline', 1.5, 1),
  'h1-p99': atMost('packet to frame, p99: ours / a bare pipeline', 2, 1),
  'h2-p50': atMost('packet to frame at 40 frames/s, p50', 16, 8, 'ms'),
  'h2-p99': atMost('packet to frame at 40 frames/s, p99', 50, 20, 'ms'),
  'g3-workspace': atMost('first-load JS of the workspace: ours / an empty Next app', 1.7, 1.45),
  'pan-draw': atMost('drawing a picture while a day is panned at 1600×900, p95', 16, 8, 'ms'),
  'pan-dropped': atMost('frames dropped while a day is panned at 1600×900', 5, 1, '%'),
  'first-pixel': atMost('from the address to the first pixel of the heatmap', 500, 300, 'ms'),
  'h3-p50': atMost('from the exchange’s sending to the pixel on the page, p50', 16, 8, 'ms'),
  'h3-p99': atMost('from the exchange’s sending to the pixel on the page, p99', 50, 20, 'ms'),
  'main-thread': atMost('main thread of a page of five heatmaps at 40 frames/s each, CPU time', 100, 50, 'ms/s'),
  'long-tasks': atMost('tasks over 50 ms in a minute of a live page, once it is loaded', 0, 0, 'tasks'),
  heap: atMost('growth of the JS heap of a live page', 0.5, 0.1, 'MB/min'),
  sustained: atLeast('two-sided 200-level books from socket to commit, for a minute', 1000, 2000, 'books/s'),
  'signals-book': atMost('all detectors over a 200-level book of both sides with its tick', 100, 50, 'µs'),
  'signals-core': atMost('all detectors of 5 instruments × 40 books/s', 25, 5, '% of a core'),
  gate: atMost('5 instruments × 40 frames/s + 1,000 ticks/s + 50 viewers', 50, 20, '% of a core'),
  'export-csv': atMost('a day of depth to CSV, a row per level: resident memory', 300, 200, 'MB'),
  'export-parquet': atMost('a day of depth to Parquet, a row per level: resident memory', 300, 200, 'MB'),
  'export-events': atMost('a day of depth to events for hftbacktest: resident memory', 300, 200, 'MB'),
  'lighthouse-accessibility': atLeast('accessibility of every page, by Lighthouse', 95, 100, 'points'),
  'lighthouse-practices': atLeast('best practices of every page, by Lighthouse', 95, 100, 'points'),
  'lighthouse-performance': atLeast('performance of /login and /connections, by Lighthouse', 90, 97, 'points'),
} as const satisfies Record<string, Goal>;

export type GoalId = keyof typeof GOALS;

export type Verdict = 'stretch reached' | 'goal reached' | 'falls short';

export function verdictOf({ bound, goal, stretch }: Goal, value: number): Verdict {
  const reaches = (limit: number): boolean => (bound === 'at least' ? value >= limit : value <= limit);
  if (reaches(stretch)) return 'stretch reached';
  return reaches(goal) ? 'goal reached' : 'falls short';
}
