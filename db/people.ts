/** The people who may sign in. */
import type { Client, Pool } from './connect.ts';

export type PersonRole = 'owner' | 'viewer';

export interface PersonRow {
  readonly id: number;
  readonly name: string;
  readonly role: PersonRole;
  /** argon2id; null where they come by a provider alone. */
  readonly passwordHash: string | null;
  readonly email: string | null;
  /** Sealed secret of the second factor; null: none. */
  readonly totpSealed: string | null;
  readonly totpPending: string | null;
  readonly recoveryCodesLeft: number;
  readonly disabled: boolean;
  readonly since: Date;
}

const PERSON = `person_id AS id, name, role, password_hash AS "passwordHash", email, totp_sealed AS "totpSealed",
  totp_pending AS "totpPending", cardinality(recovery_hashes) AS "recoveryCodesLeft", disabled, since`;

/** By name, whatever its case. */
export async function personNamed(db: Client | Pool, name: string): Promise<PersonRow | null> {
  const { rows } = await db.query<PersonRow>(`SELECT ${PERSON} FROM gehra.people WHERE lower(name) = lower($1)`, [
    name,
  ]);
  return rows[0] ?? null;
}

export async function personById(db: Client | Pool, id: number): Promise<PersonRow | null> {
  const { rows } = await db.query<PersonRow>(`SELECT ${PERSON} FROM gehra.people WHERE person_id = $1`, [id]);
  return rows[0] ?? null;
}

export async function listPeople(db: Client | Pool): Promise<PersonRow[]> {
  const { rows } = await db.query<PersonRow>(`SELECT ${PERSON} FROM gehra.people ORDER BY person_id`);
  return rows;
}

/** Owners who can sign in. */
export async function enabledOwners(db: Client | Pool): Promise<PersonRow[]> {
  const { rows } = await db.query<PersonRow>(
    `SELECT ${PERSON} FROM gehra.people WHERE role = 'owner' AND NOT disabled ORDER BY person_id`,
  );
  return rows;
}

/** @returns the new person's id; null where the name is taken */
export async function addPerson(
  db: Client | Pool,
  { name, role, passwordHash }: { name: string; role: PersonRole; passwordHash: string },
): Promise<number | null> {
  const { rows } = await db.query<{ id: number }>(
    `INSERT INTO gehra.people (name, role, password_hash) VALUES ($1, $2, $3)
     ON CONFLICT DO NOTHING RETURNING person_id AS id`,
    [name, role, passwordHash],
  );
  return rows[0]?.id ?? null;
}

/** Somebody whom the provider vouches for; made at their first time, with the role of the configuration each time. */
export async function keepProviderPerson(
  db: Client | Pool,
  {
    issuer,
    subject,
    email,
    name,
    role,
  }: { issuer: string; subject: string; email: string; name: string; role: PersonRole },
): Promise<PersonRow> {
  const values = [issuer, subject, email, role];
  const known = await db.query<PersonRow>(
    `UPDATE gehra.people SET email = $3, role = $4 WHERE oidc_issuer = $1 AND oidc_subject = $2 RETURNING ${PERSON}`,
    values,
  );
  if (known.rows[0]) return known.rows[0];
  // A name that is taken already is no reason to stay outside.
  const made = await db.query<PersonRow>(
    `INSERT INTO gehra.people (oidc_issuer, oidc_subject, email, role, name)
     SELECT $1, $2, $3, $4, free FROM unnest(ARRAY[$5, left($3, 64), 'person ' || substr(md5($1 || $2), 1, 12)])
       WITH ORDINALITY AS candidate (free, place)
     WHERE NOT EXISTS (SELECT FROM gehra.people WHERE lower(name) = lower(free)) ORDER BY place LIMIT 1
     RETURNING ${PERSON}`,
    [...values, name],
  );
  return made.rows[0] as PersonRow;
}

export async function setPassword(db: Client | Pool, id: number, passwordHash: string): Promise<void> {
  await db.query('UPDATE gehra.people SET password_hash = $2 WHERE person_id = $1', [id, passwordHash]);
}

/**
 * Changes role or state of a person, unless nobody could manage people afterwards: somebody stays an enabled owner.
 *
 * @returns false where that was the reason, and nothing was changed
 */
export async function changePerson(
  db: Client | Pool,
  id: number,
  { role, disabled }: { role?: PersonRole | undefined; disabled?: boolean | undefined },
): Promise<boolean> {
  // The lock makes two owners who remove each other at the same moment take turns.
  const { rowCount } = await db.query(
    `WITH owners AS (SELECT person_id FROM gehra.people WHERE role = 'owner' AND NOT disabled FOR UPDATE),
       wanted AS (SELECT coalesce($2, role) AS role, coalesce($3, disabled) AS disabled FROM gehra.people WHERE person_id = $1)
     UPDATE gehra.people AS person SET role = wanted.role, disabled = wanted.disabled FROM wanted
     WHERE person.person_id = $1
       AND ((wanted.role = 'owner' AND NOT wanted.disabled) OR EXISTS (SELECT FROM owners WHERE person_id <> $1))`,
    [id, role ?? null, disabled ?? null],
  );
  return rowCount === 1;
}

/** Keeps the secret of a second factor that is not in force before its first code. */
export async function setPendingTotp(db: Client | Pool, id: number, sealed: string): Promise<void> {
  await db.query('UPDATE gehra.people SET totp_pending = $2 WHERE person_id = $1', [id, sealed]);
}

/** Puts the pending second factor in force. */
export async function confirmTotp(
  db: Client | Pool,
  id: number,
  { step, recoveryHashes }: { step: number; recoveryHashes: readonly Buffer[] },
): Promise<void> {
  await db.query(
    `UPDATE gehra.people SET totp_sealed = totp_pending, totp_pending = NULL, totp_last_step = $2, recovery_hashes = $3
     WHERE person_id = $1`,
    [id, step, recoveryHashes],
  );
}

export async function removeTotp(db: Client | Pool, id: number): Promise<void> {
  await db.query(
    `UPDATE gehra.people SET totp_sealed = NULL, totp_pending = NULL, recovery_hashes = '{}' WHERE person_id = $1`,
    [id],
  );
}

/** Uses up the 30 seconds of a code. @returns false where this or a later code was used already */
export async function spendTotpStep(db: Client | Pool, id: number, step: number): Promise<boolean> {
  const { rowCount } = await db.query(
    'UPDATE gehra.people SET totp_last_step = $2 WHERE person_id = $1 AND totp_last_step < $2',
    [id, step],
  );
  return rowCount === 1;
}

/** Uses up a recovery code. @returns false where there is no such code any more */
export async function spendRecoveryCode(db: Client | Pool, id: number, hash: Buffer): Promise<boolean> {
  const { rowCount } = await db.query(
    `UPDATE gehra.people SET recovery_hashes = array_remove(recovery_hashes, $2)
     WHERE person_id = $1 AND $2 = ANY (recovery_hashes)`,
    [id, hash],
  );
  return rowCount === 1;
}
