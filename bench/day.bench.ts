/** e3: a day of one-minute bars and footprints, asked of what the writer keeps. */
import { connect, createPool } from '../db/connect.ts';
import { addFlow, flowBars, footprintBars } from '../db/flow.ts';
import { migrate } from '../db/migrate.ts';
import { ABSENT } from '../lib/core/absent.ts';
import type { Aggressor } from '../lib/core/aggressor.ts';
import { istTimeUs } from '../lib/core/ist.ts';
import { createLog } from '../lib/obs/log.ts';
import { flowRows } from '../lib/orderflow/flow-rows.ts';
import { createDatabase, startTestPostgres } from '../tests/support/servers.ts';
import type { Bench, Metrics } from './support/bench.ts';
import { median } from './support/results.ts';

const TICKS = 94_050;
const FROM_US = istTimeUs('2026-11-24', '09:15');
const TO_US = istTimeUs('2026-11-24', '15:30');
const MINUTE_US = 60_000_000;
const TICK_SIZE = 5;
const ASKED = 15;
/** Asked before any of them counts: a server is warm. */
const WARM_UP = 30;

/** Trades of a walk that touches some 28 prices a minute, as a recorded day did. */
const MAKE_TICKS = `
  INSERT INTO gehra.ticks (time, instrument_id, feed_id, n, mode, aggressor, aggressor_confidence, last_price, volume, volume_delta, oi)
  SELECT to_timestamp($1::bigint / 1e6) + i * interval '1 second' * $2::float8, 1, 1, 0, 3, i % 7 % 3, 3,
    2604000 + ${TICK_SIZE} * round(60 * sin(i / 900.0) + 14 * sin(i * 1.7))::integer, 65 * i, 65 * (1 + i % 5), 1000000 + i
  FROM generate_series(0, ${TICKS} - 1) AS i`;

const RAW_BARS = `
  SELECT date_bin('1 minute', time, to_timestamp($1::bigint / 1e6)) AS minute, (array_agg(last_price ORDER BY time, n))[1] AS open,
    max(last_price) AS high, min(last_price) AS low, (array_agg(last_price ORDER BY time DESC, n DESC))[1] AS close,
    sum(volume_delta)::bigint AS volume
  FROM gehra.ticks WHERE instrument_id = 1 AND feed_id = 1 AND time >= to_timestamp($1::bigint / 1e6)
    AND time < to_timestamp($2::bigint / 1e6) AND volume_delta > 0 GROUP BY 1 ORDER BY 1`;
const RAW_CELLS = `
  SELECT date_bin('1 minute', time, to_timestamp($1::bigint / 1e6)) AS minute, last_price AS price,
    coalesce(sum(volume_delta) FILTER (WHERE aggressor = 1), 0)::bigint AS buy,
    coalesce(sum(volume_delta) FILTER (WHERE aggressor = 2), 0)::bigint AS sell,
    coalesce(sum(volume_delta) FILTER (WHERE aggressor = 0), 0)::bigint AS unknown, count(*)::integer AS trades
  FROM gehra.ticks WHERE instrument_id = 1 AND feed_id = 1 AND time >= to_timestamp($1::bigint / 1e6)
    AND time < to_timestamp($2::bigint / 1e6) AND volume_delta > 0 GROUP BY 1, 2 ORDER BY 1, 2`;

async function askedBothWays(way: 'stored' | 'raw'): Promise<Metrics> {
  const postgres = await startTestPostgres();
  const { url } = await createDatabase(postgres.url);
  await migrate(url, createLog('bench', 'silent'));
  const client = await connect(url, 'bench');
  const db = createPool(url, 'bench', () => undefined);
  try {
    await client.query(MAKE_TICKS, [FROM_US, (TO_US - FROM_US) / 1e6 / TICKS]);
    const { rows: ticks } = await client.query<{ us: number; price: number; quantity: number; aggressor: Aggressor }>(
      `SELECT (extract(epoch FROM time) * 1e6)::bigint AS us, last_price AS price, volume_delta AS quantity, aggressor
       FROM gehra.ticks ORDER BY time`,
    );
    await addFlow(
      client,
      flowRows(
        ticks.map(({ us, ...tick }) => ({
          ...tick,
          feedId: 1,
          instrumentId: 1,
          stampUs: us,
          unattributed: 0,
          oi: ABSENT,
        })),
      ),
    );
    await client.query('VACUUM ANALYZE gehra.ticks, gehra.flow_bars, gehra.flow_minutes');
    const flow = { instrumentId: 1, feedId: 1, fromUs: FROM_US, toUs: TO_US, barUs: MINUTE_US };
    const timed = async (work: () => Promise<number>): Promise<{ ms: number; rows: number }> => {
      let rows = 0;
      for (let i = 0; i < WARM_UP; i += 1) rows = await work();
      const durations: number[] = [];
      for (let i = 0; i < ASKED; i += 1) {
        const from = performance.now();
        rows = await work();
        durations.push(performance.now() - from);
      }
      return { ms: median(durations), rows };
    };
    const bars = await timed(async () =>
      way === 'stored' ? (await flowBars(db, flow)).length : (await db.query(RAW_BARS, [FROM_US, TO_US])).rows.length,
    );
    const cells = await timed(async () =>
      way === 'stored'
        ? (await footprintBars(db, flow, TICK_SIZE)).reduce((sum, bar) => sum + bar.cells.length, 0)
        : (await db.query(RAW_CELLS, [FROM_US, TO_US])).rows.length,
    );
    return {
      ms: bars.ms + cells.ms,
      'ms bars': bars.ms,
      'ms footprint': cells.ms,
      bars: bars.rows,
      cells: cells.rows,
    };
  } finally {
    await db.end();
    await client.end();
    await postgres.stop();
  }
}

const day: Bench = {
  name: 'day-of-bars',
  what: `A day of one-minute bars and footprints of one instrument with ${TICKS} trades`,
  worse: 'A chart of bars waits each time it is opened or moved.',
  roundsMax: 3,
  measures: [{ goal: 'e3', metric: 'ms', variant: 'raw', per: 'stored' }],
  variants: [
    {
      name: 'stored',
      what: 'ours: the bars of a minute with their footprints, a row each, that the writer keeps.',
      run: () => askedBothWays('stored'),
    },
    {
      name: 'raw',
      what: 'the same numbers in SQL from the ticks, through the key of the table.',
      run: () => askedBothWays('raw'),
    },
  ],
};

export const benches = [day];
