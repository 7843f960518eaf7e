/** Sessions of people who have signed in. A row's absence ends the session, whatever a cookie says. */
import type { Client, Pool } from './connect.ts';
import type { PersonRole } from './people.ts';

export interface SessionRow {
  readonly personId: number;
  readonly name: string;
  readonly role: PersonRole;
  readonly hasPassword: boolean;
  readonly passwordAt: Date;
}

/** Times of a session, ms. */
export interface SessionLimits {
  readonly idleMs: number;
  readonly absoluteMs: number;
}

/** "Seen" is written down at most so often. */
const SEEN_EVERY_MS = 60_000;

/** Sessions that are in force at `nowMs` ($1), with their limits ($2, $3, ms). */
const IN_FORCE = `NOT person.disabled
  AND session.last_seen > to_timestamp(($1::double precision - $2) / 1000)
  AND session.began > to_timestamp(($1::double precision - $3) / 1000)`;

export async function addSession(
  db: Client | Pool,
  {
    hash,
    personId,
    nowMs,
    address,
    userAgent,
  }: { hash: Buffer; personId: number; nowMs: number; address: string; userAgent: string },
): Promise<void> {
  await db.query(
    `INSERT INTO gehra.sessions (session_hash, person_id, began, last_seen, password_at, address, user_agent)
     VALUES ($1, $2, to_timestamp($3 / 1000.0), to_timestamp($3 / 1000.0), to_timestamp($3 / 1000.0), $4, $5)`,
    [hash, personId, nowMs, address, userAgent],
  );
}

/** Whose a session is, as long as it is in force; marks it as seen. */
export async function sessionInForce(
  db: Client | Pool,
  hash: Buffer,
  nowMs: number,
  { idleMs, absoluteMs }: SessionLimits,
): Promise<SessionRow | null> {
  const { rows } = await db.query<SessionRow & { seen: Date }>(
    `SELECT person_id AS "personId", person.name, person.role, person.password_hash IS NOT NULL AS "hasPassword",
       session.password_at AS "passwordAt", session.last_seen AS seen
     FROM gehra.sessions AS session JOIN gehra.people AS person USING (person_id)
     WHERE session_hash = $4 AND ${IN_FORCE}`,
    [nowMs, idleMs, absoluteMs, hash],
  );
  const [row] = rows;
  if (!row) return null;
  if (nowMs - row.seen.getTime() > SEEN_EVERY_MS) {
    await db.query('UPDATE gehra.sessions SET last_seen = to_timestamp($2 / 1000.0) WHERE session_hash = $1', [
      hash,
      nowMs,
    ]);
  }
  return row;
}

/** Those of the given sessions that are in force, as hex. Looking is no sign of life. */
export async function sessionsInForce(
  db: Client | Pool,
  hashes: readonly Buffer[],
  nowMs: number,
  { idleMs, absoluteMs }: SessionLimits,
): Promise<Set<string>> {
  const { rows } = await db.query<{ id: string }>(
    `SELECT encode(session_hash, 'hex') AS id
     FROM gehra.sessions AS session JOIN gehra.people AS person USING (person_id)
     WHERE session_hash = ANY ($4) AND ${IN_FORCE}`,
    [nowMs, idleMs, absoluteMs, hashes],
  );
  return new Set(rows.map(({ id }) => id));
}

export async function endSession(db: Client | Pool, hash: Buffer): Promise<void> {
  await db.query('DELETE FROM gehra.sessions WHERE session_hash = $1', [hash]);
}

/** Ends all sessions of a person, but for one. @returns how many */
export async function endSessionsOf(db: Client | Pool, personId: number, but: Buffer | null): Promise<number> {
  const { rowCount } = await db.query(
    'DELETE FROM gehra.sessions WHERE person_id = $1 AND session_hash IS DISTINCT FROM $2',
    [personId, but],
  );
  return rowCount ?? 0;
}

/** Takes note that the password was entered in a session. */
export async function passwordEntered(db: Client | Pool, hash: Buffer, nowMs: number): Promise<void> {
  await db.query('UPDATE gehra.sessions SET password_at = to_timestamp($2 / 1000.0) WHERE session_hash = $1', [
    hash,
    nowMs,
  ]);
}

export interface SessionSummary {
  readonly id: string;
  readonly began: Date;
  readonly lastSeen: Date;
  readonly address: string;
  readonly userAgent: string;
}

/** The sessions of a person that are in force, newest first. */
export async function listSessions(
  db: Client | Pool,
  personId: number,
  nowMs: number,
  { idleMs, absoluteMs }: SessionLimits,
): Promise<SessionSummary[]> {
  const { rows } = await db.query<SessionSummary>(
    `SELECT encode(session_hash, 'hex') AS id, began, last_seen AS "lastSeen", address, user_agent AS "userAgent"
     FROM gehra.sessions AS session JOIN gehra.people AS person USING (person_id)
     WHERE person_id = $4 AND ${IN_FORCE} ORDER BY began DESC`,
    [nowMs, idleMs, absoluteMs, personId],
  );
  return rows;
}

/** Removes the rows that can be in force no more. */
export async function dropEndedSessions(db: Client | Pool, nowMs: number, absoluteMs: number): Promise<void> {
  await db.query('DELETE FROM gehra.sessions WHERE began <= to_timestamp(($1::double precision - $2) / 1000)', [
    nowMs,
    absoluteMs,
  ]);
}
