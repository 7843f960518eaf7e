/** Commits a batch: rows, gaps, quarantine and positions in one transaction, so that it is all there or not at all. */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { DatabaseError } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import type { Client } from '../../db/connect.ts';
import { COPY_HEADER, COPY_TRAILER } from '../../db/copy.ts';
import { addFlow } from '../../db/flow.ts';
import { storeGap } from '../../db/gaps.ts';
import { DEPTH_COPY, TICK_COPY } from '../../db/market-rows.ts';
import { movePositions } from '../../db/positions.ts';
import { type QuarantineRow, storeQuarantined } from '../../db/quarantine.ts';
import { flowRows } from '../../lib/orderflow/flow-rows.ts';
import type { Batch, RowOrigin, RowTable } from './batch.ts';
import { copySeconds } from './metrics.ts';

/** Somebody else has written one of these feeds meanwhile: nothing was committed, positions have to be read again. */
export class PositionMovedError extends Error {
  override readonly name = 'PositionMovedError';
}

const STATEMENT_TIMEOUT_MS = 10_000;
const COPIES: Readonly<Record<RowTable, string>> = { depth: DEPTH_COPY, ticks: TICK_COPY };
const TABLES = Object.keys(COPIES) as RowTable[];

/**
 * Commits the batch. Where the database refuses a row (and not the whole), that row alone is set aside with its bytes
 * and the reason, and the rest goes on.
 *
 * @returns how many rows were set aside by the database
 * @throws PositionMovedError; and whatever the connection or the server has to say, with nothing committed
 */
export async function storeBatch(client: Client, batch: Batch): Promise<number> {
  try {
    await transaction(client, batch, (table) => copyRows(client, batch, table, 0, batch.origins[table].length));
    return 0;
  } catch (error) {
    if (!isRefusedRow(error)) throw error;
  }
  const refused = new Map<RowOrigin, QuarantineRow>();
  await transaction(
    client,
    batch,
    (table) => copyDividing(client, batch, table, 0, batch.origins[table].length, refused),
    refused,
  );
  return refused.size;
}

async function transaction(
  client: Client,
  batch: Batch,
  copy: (table: RowTable) => Promise<void>,
  refused: ReadonlyMap<RowOrigin, QuarantineRow> = new Map(),
): Promise<void> {
  // One round trip; LOCAL, because a pooler gives the session to others afterwards.
  await client.query(`BEGIN; SET LOCAL statement_timeout = ${STATEMENT_TIMEOUT_MS}`);
  try {
    for (const table of TABLES) if (batch.origins[table].length > 0) await copy(table);
    // Flow is what the stored ticks say, no more.
    const flow = batch.origins.ticks.flatMap((origin) => (origin.flow && !refused.has(origin) ? origin.flow : []));
    await addFlow(client, flowRows(flow));
    for (const gap of batch.gaps) await storeGap(client, gap);
    await storeQuarantined(client, [...batch.quarantine, ...refused.values()]);
    const moves = [...batch.moves].map(([feedId, move]) => ({ feedId, ...move }));
    if (!(await movePositions(client, moves))) throw new PositionMovedError('another writer has moved a position');
    await client.query('COMMIT');
  } catch (error) {
    // Where the connection is gone the server rolls back by itself, and the first error says more than the second.
    await client.query('ROLLBACK').catch((second: Error) => {
      if (error instanceof Error) error.cause ??= second;
    });
    throw error;
  }
}

/** Copies rows [first, end) of a table. */
async function copyRows(client: Client, batch: Batch, table: RowTable, first: number, end: number): Promise<void> {
  const origins = batch.origins[table];
  const from = origins[first]?.from ?? 0;
  const to = origins[end - 1]?.to ?? from;
  const rows = batch.copies[table].slice(from, to);
  const ended = copySeconds.startTimer({ table });
  await pipeline(Readable.from([COPY_HEADER, rows, COPY_TRAILER]), client.query(copyFrom(COPIES[table])));
  ended();
}

/** Copies what can be copied of rows [first, end), halving until each refused row stands alone. */
async function copyDividing(
  client: Client,
  batch: Batch,
  table: RowTable,
  first: number,
  end: number,
  refused: Map<RowOrigin, QuarantineRow>,
): Promise<void> {
  await client.query('SAVEPOINT part');
  try {
    await copyRows(client, batch, table, first, end);
    await client.query('RELEASE SAVEPOINT part');
    return;
  } catch (error) {
    if (!isRefusedRow(error)) throw error;
    await client.query('ROLLBACK TO SAVEPOINT part');
    const origin = batch.origins[table][first];
    if (end - first === 1 && origin) {
      const { stampUs, feedId, n, record } = origin;
      refused.set(origin, {
        stampUs,
        feedId,
        n,
        stage: 'row',
        reason: error.code ?? 'refused',
        detail: error.message,
        bytes: record,
      });
      return;
    }
  }
  const middle = Math.floor((first + end) / 2);
  await copyDividing(client, batch, table, first, middle, refused);
  await copyDividing(client, batch, table, middle, end, refused);
}

/** Class 22 (data exception) and 23 (integrity constraint violation) speak of a row; all others of the server. */
function isRefusedRow(error: unknown): error is DatabaseError {
  return error instanceof DatabaseError && /^2[23]/.test(error.code ?? '');
}
