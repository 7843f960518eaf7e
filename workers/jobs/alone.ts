/**
 * What one jobs worker at a time may do, by advisory locks of the session: the server takes one back with its connection, which
 * leads past a pooler (`databaseDirectUrl`).
 */
import type { Client } from '../../db/connect.ts';

/** "GE" and a number; the second part says what of. */
const SPACE = 0x4745_0003;
const KEYS = { plan: 1, masters: 2, candles: 3, notices: 5 } as const;
type Work = keyof typeof KEYS;

/** Takes the lock, unless another has it. @returns whether it is taken, for as long as the connection lasts */
export async function isAlone(client: Client, work: Work): Promise<boolean> {
  const { rows } = await client.query<{ alone: boolean }>('SELECT pg_try_advisory_lock($1, $2) AS alone', [
    SPACE,
    KEYS[work],
  ]);
  return rows[0]?.alone === true;
}

/** Takes the lock, and waits for who has it. */
export async function waitToBeAlone(client: Client, work: Work): Promise<void> {
  await client.query('SELECT pg_advisory_lock($1, $2)', [SPACE, KEYS[work]]);
}
