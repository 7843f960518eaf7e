/** Links that work once: to set up the first owner, to invite somebody, to choose a new password. */
import type { Client, Pool } from './connect.ts';
import type { PersonRole } from './people.ts';

export interface OneTimeLink {
  readonly purpose: 'setup' | 'invite' | 'password';
  readonly role: PersonRole;
  /** Whose password it changes. */
  readonly personId: number | null;
  readonly personName: string | null;
}

/** Adds a link, in the place of those for the same purpose and person that were not used. */
export async function addOneTimeLink(
  db: Client | Pool,
  link: {
    codeHash: Buffer;
    purpose: OneTimeLink['purpose'];
    role: PersonRole;
    personId: number | null;
    madeBy: string;
    expiresMs: number;
  },
): Promise<void> {
  const { codeHash, purpose, role, personId, madeBy, expiresMs } = link;
  if (purpose !== 'invite') {
    await db.query('DELETE FROM gehra.one_time_links WHERE purpose = $1 AND person_id IS NOT DISTINCT FROM $2', [
      purpose,
      personId,
    ]);
  }
  await db.query(
    `INSERT INTO gehra.one_time_links (code_hash, purpose, role, person_id, made_by, expires)
     VALUES ($1, $2, $3, $4, $5, to_timestamp($6 / 1000.0))`,
    [codeHash, purpose, role, personId, madeBy, expiresMs],
  );
}

/** Links of a table of links; none of somebody who was disabled. */
const linksOf = (table: string): string =>
  `SELECT link.purpose, link.role, person_id AS "personId", person.name AS "personName"
   FROM ${table} AS link LEFT JOIN gehra.people AS person USING (person_id) WHERE person.disabled IS NOT TRUE`;

/** What a link is for, without using it; null where it is none, used or too old. */
export async function findOneTimeLink(db: Client | Pool, codeHash: Buffer, nowMs: number): Promise<OneTimeLink | null> {
  const { rows } = await db.query<OneTimeLink>(
    `${linksOf('gehra.one_time_links')} AND code_hash = $1 AND expires > to_timestamp($2 / 1000.0)`,
    [codeHash, nowMs],
  );
  return rows[0] ?? null;
}

/** Uses a link up; of two who come at once one gets it. */
export async function takeOneTimeLink(db: Client | Pool, codeHash: Buffer, nowMs: number): Promise<OneTimeLink | null> {
  const { rows } = await db.query<OneTimeLink>(
    `WITH taken AS (DELETE FROM gehra.one_time_links WHERE code_hash = $1 AND expires > to_timestamp($2 / 1000.0) RETURNING *)
     ${linksOf('taken')}`,
    [codeHash, nowMs],
  );
  return rows[0] ?? null;
}

/** Takes back every link that would make an owner from nothing: there is one now. */
export async function dropSetupLinks(db: Client | Pool): Promise<void> {
  await db.query(`DELETE FROM gehra.one_time_links WHERE purpose = 'setup'`);
}

/** Takes back what a person has handed out, who may hand out nothing any more. */
export async function dropLinksMadeBy(db: Client | Pool, name: string): Promise<void> {
  await db.query(`DELETE FROM gehra.one_time_links WHERE lower(made_by) = lower($1) AND purpose <> 'setup'`, [name]);
}

export async function dropExpiredLinks(db: Client | Pool, nowMs: number): Promise<void> {
  await db.query('DELETE FROM gehra.one_time_links WHERE expires <= to_timestamp($1 / 1000.0)', [nowMs]);
}
