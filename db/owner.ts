/** Whose data a database holds. */
import { connect } from './connect.ts';

export interface Owner {
  /** Name of a data folder. */
  readonly id: string;
  /** Where that folder was when it took the database. */
  readonly dataDir: string;
}

/** Takes the database for `owner` where nobody has it. @returns whose it is now */
export async function claimDatabase(url: string, owner: Owner): Promise<Owner> {
  const client = await connect(url, 'owner');
  try {
    await client.query('INSERT INTO gehra.owner (id, data_dir) VALUES ($1, $2) ON CONFLICT DO NOTHING', [
      owner.id,
      owner.dataDir,
    ]);
    const { rows } = await client.query<Owner>('SELECT id, data_dir AS "dataDir" FROM gehra.owner');
    return rows[0] ?? owner;
  } finally {
    await client.end();
  }
}
