/** Keys of scripts. */
import type { Client, Pool } from './connect.ts';
import type { PersonRole } from './people.ts';

export type KeyScope = 'read' | 'full';

export interface KeyRow {
  readonly id: number;
  readonly name: string;
  readonly prefix: string;
  readonly scope: KeyScope;
  /** Who made it; null: the open demo. */
  readonly madeBy: string | null;
  readonly made: Date;
  readonly lastUsed: Date | null;
  readonly revoked: Date | null;
}

/** "Used" is written down at most so often. */
const USED_EVERY_MS = 60_000;

export async function addKey(
  db: Client | Pool,
  key: { name: string; prefix: string; hash: Buffer; scope: KeyScope; personId: number | null; nowMs: number },
): Promise<number> {
  const { name, prefix, hash, scope, personId, nowMs } = key;
  const { rows } = await db.query<{ id: number }>(
    `INSERT INTO gehra.api_keys (name, prefix, key_hash, scope, person_id, made)
     VALUES ($1, $2, $3, $4, $5, to_timestamp($6 / 1000.0)) RETURNING key_id AS id`,
    [name, prefix, hash, scope, personId, nowMs],
  );
  return (rows[0] as { id: number }).id;
}

export async function listKeys(db: Client | Pool): Promise<KeyRow[]> {
  const { rows } = await db.query<KeyRow>(
    `SELECT key_id AS id, key.name, prefix, scope, person.name AS "madeBy", made, last_used AS "lastUsed", revoked
     FROM gehra.api_keys AS key LEFT JOIN gehra.people AS person USING (person_id) ORDER BY key_id DESC`,
  );
  return rows;
}

/** @returns its name; null where there is none, or it was revoked already */
export async function revokeKey(db: Client | Pool, id: number, nowMs: number): Promise<string | null> {
  const { rows } = await db.query<{ name: string }>(
    'UPDATE gehra.api_keys SET revoked = to_timestamp($2 / 1000.0) WHERE key_id = $1 AND revoked IS NULL RETURNING name',
    [id, nowMs],
  );
  return rows[0]?.name ?? null;
}

/** What a key may do now: no more than who made it may. A key of somebody disabled is in force no more. */
const IN_FORCE = `key.revoked IS NULL AND person.disabled IS NOT TRUE`;

export async function keyInForce(
  db: Client | Pool,
  hash: Buffer,
  nowMs: number,
): Promise<{ id: number; name: string; role: PersonRole } | null> {
  const { rows } = await db.query<{ id: number; name: string; role: PersonRole; used: Date | null }>(
    `SELECT key_id AS id, key.name, last_used AS used,
       CASE WHEN scope = 'full' AND coalesce(person.role, 'owner') = 'owner' THEN 'owner' ELSE 'viewer' END AS role
     FROM gehra.api_keys AS key LEFT JOIN gehra.people AS person USING (person_id)
     WHERE key_hash = $1 AND ${IN_FORCE}`,
    [hash],
  );
  const [row] = rows;
  if (!row) return null;
  if (row.used === null || nowMs - row.used.getTime() > USED_EVERY_MS) {
    await db.query('UPDATE gehra.api_keys SET last_used = to_timestamp($2 / 1000.0) WHERE key_id = $1', [
      row.id,
      nowMs,
    ]);
  }
  return { id: row.id, name: row.name, role: row.role };
}

/** Those of the given keys that are in force. */
export async function keysInForce(db: Client | Pool, ids: readonly number[]): Promise<Set<number>> {
  const { rows } = await db.query<{ id: number }>(
    `SELECT key_id AS id FROM gehra.api_keys AS key LEFT JOIN gehra.people AS person USING (person_id)
     WHERE key_id = ANY ($1) AND ${IN_FORCE}`,
    [ids],
  );
  return new Set(rows.map(({ id }) => id));
}
