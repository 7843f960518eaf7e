/** Rows that could not be stored, with their bytes and the reason. */
import type { Client } from './connect.ts';

export interface QuarantineRow {
  readonly stampUs: number;
  readonly feedId: number;
  readonly n: number;
  /** 'wire': no broker can mean that packet; 'entry': an entry that cannot be read; 'row': the database cannot hold it. */
  readonly stage: 'wire' | 'entry' | 'row';
  readonly reason: string;
  readonly detail: string;
  readonly bytes: Uint8Array;
}

export async function storeQuarantined(client: Client, rows: readonly QuarantineRow[]): Promise<void> {
  if (rows.length === 0) return;
  await client.query(
    `INSERT INTO gehra.quarantine (time, feed_id, n, stage, reason, detail, bytes)
     SELECT to_timestamp(stamp / 1e6), feed_id, n, stage, reason, detail, bytes
     FROM unnest($1::bigint[], $2::smallint[], $3::integer[], $4::text[], $5::text[], $6::text[], $7::bytea[])
       AS q (stamp, feed_id, n, stage, reason, detail, bytes)`,
    [
      rows.map(({ stampUs }) => stampUs),
      rows.map(({ feedId }) => feedId),
      rows.map(({ n }) => n),
      rows.map(({ stage }) => stage),
      rows.map(({ reason }) => reason),
      rows.map(({ detail }) => detail),
      rows.map(({ bytes }) => Buffer.from(bytes)),
    ],
  );
}
