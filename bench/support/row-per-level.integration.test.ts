import { expect, inject, it } from 'vitest';
import { connect } from '../../db/connect.ts';
import { createDatabase } from '../../tests/support/servers.ts';
import { recordBooks } from './books.ts';
import { createPeerTable, fillPeerTable, storeByLevel } from './row-per-level.ts';

it('the predecessor’s way stores a row a level, once', async () => {
  const database = await createDatabase(inject('postgresUrl'));
  const client = await connect(database.url, 'test');
  const [book] = recordBooks(1);
  if (!book) throw new Error('no book');
  await createPeerTable(client);
  for (let i = 0; i < 2; i += 1) await storeByLevel(client, 1_752_812_105_000, book);
  const { rows } = await client.query(
    'SELECT side, level_num, price::float8 AS price, quantity, orders FROM depth_levels_peer ORDER BY side DESC, level_num',
  );
  expect(rows).toHaveLength(book.bids.count + book.asks.count);
  expect(rows[0]).toEqual({
    side: 'BID',
    level_num: 1,
    price: (book.bids.prices[0] as number) / 100,
    quantity: book.bids.quantities[0],
    orders: book.bids.orders[0],
  });
  await client.end();
  await database.drop();
});

it('a table copied full holds the same rows as one stored book by book', async () => {
  const database = await createDatabase(inject('postgresUrl'));
  const client = await connect(database.url, 'test');
  const books = recordBooks(3).map((book, i) => ({ timeUs: (1_752_812_105_000 + i * 239) * 1000, book }));
  const rows = async () => (await client.query('SELECT * FROM depth_levels_peer ORDER BY time, side, level_num')).rows;
  await fillPeerTable(client, books);
  const copied = await rows();
  await client.query('DROP TABLE depth_levels_peer');
  await createPeerTable(client);
  for (const { timeUs, book } of books) await storeByLevel(client, timeUs / 1000, book);
  expect(copied).toEqual(await rows());
  await client.end();
  await database.drop();
});
