/** A day of depth in a running instance's database, as the writer would have stored it, with its tiles. */
import { finished } from 'node:stream/promises';
import { from as copyFrom } from 'pg-copy-streams';
import { connect } from '../../db/connect.ts';
import { COPY_HEADER, COPY_TRAILER, CopyRows } from '../../db/copy.ts';
import { DEPTH_COPY, writeDepthRow } from '../../db/market-rows.ts';
import type { InstrumentSummary } from '../../lib/core/instrument.ts';
import { formatIstDate, istTimeUs } from '../../lib/core/ist.ts';
import { BID } from '../../lib/core/side.ts';
import { SIDES } from '../../lib/heatmap/book-rows.ts';
import { gehra } from '../../tests/support/gehra.ts';
import type { Instance } from '../../tests/support/instance.ts';
import { recordBooks } from './books.ts';

/** A book a second: a whole day of a book each 200 ms would take minutes to store, and a pixel has five seconds of it. */
const STEP_US = 1_000_000;
/** They come again and again. */
const DISTINCT = 2000;
const DAY_US = 86_400_000_000;

export interface StoredDay {
  readonly fromUs: number;
  readonly toUs: number;
  /** Of the book in its middle, price units. */
  readonly price: number;
}

/** Stores yesterday's session of an instrument that is recorded 200 levels deep. */
export async function storeDay(instance: Instance, { id, slug }: InstrumentSummary): Promise<StoredDay> {
  const day = formatIstDate(Date.now() * 1000 - DAY_US);
  const [fromUs, toUs] = [istTimeUs(day, '09:15'), istTimeUs(day, '15:30')];
  const books = recordBooks(DISTINCT);
  const [feed] = await instance.sql<{ feed_id: number }>(
    `SELECT feed_id FROM gehra.subscriptions JOIN gehra.feeds USING (feed_id)
     WHERE instrument_id = $1 AND kind = 'depth200'`,
    [id],
  );
  if (!feed) throw new Error(`${slug} is not recorded 200 levels deep`);
  const client = await connect(instance.databaseUrl, 'bench');
  try {
    const copy = (client as unknown as { query: (stream: object) => ReturnType<typeof copyFrom> }).query(
      copyFrom(DEPTH_COPY),
    );
    copy.write(COPY_HEADER);
    const rows = new CopyRows();
    for (let i = 0, us = fromUs; us < toUs; i += 1, us += STEP_US) {
      const { bids, asks } = books[i % DISTINCT] as (typeof books)[number];
      rows.clear();
      for (const side of SIDES) {
        const levels = side === BID ? bids : asks;
        const row = { bookTimeUs: us, stampUs: us, instrumentId: id, side, n: 0, flags: 0, levels };
        writeDepthRow(rows, feed.feed_id, row);
      }
      if (!copy.write(Buffer.from(rows.slice(0, rows.length))))
        await new Promise((resolve) => copy.once('drain', resolve));
    }
    copy.end(COPY_TRAILER);
    await finished(copy);
    await client.query('VACUUM ANALYZE gehra.depth_snapshots');
  } finally {
    await client.end();
  }
  const built = await gehra(['tiles', '--data', instance.dataDir, '--instrument', slug, '--from', day, '--to', day]);
  if (built.code !== 0) throw new Error(`./gehra tiles failed:\n${built.stdout}\n${built.stderr}`);
  return { fromUs, toUs, price: books[0]?.bids.prices[0] as number };
}
