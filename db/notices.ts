/** What people are told, each event once, and how far it got on each channel. */
import type { Grade } from '../lib/core/finding.ts';
import type { Client, Pool } from './connect.ts';

export interface NewNotice {
  /** Names the event: what has been told is not told again. */
  readonly event: string;
  readonly level: Grade;
  readonly title: string;
  readonly detail: string;
  /** Path of a page of ours. */
  readonly link: string | null;
  /** A lasting one that is told each time its cause stands anew: not what hovers about a limit. */
  readonly again?: boolean;
}

export interface Notice extends NewNotice {
  readonly id: number;
  /** ms since the epoch */
  readonly createdMs: number;
}

export interface Delivery extends Notice {
  readonly channel: string;
  readonly attempts: number;
}

const COLUMNS = `notice.id, notice.event, notice.level, notice.title, notice.detail, notice.link,
  (extract(epoch FROM notice.created_at) * 1000)::bigint AS "createdMs"`;

/**
 * Keeps a notice and plans it for every channel there is.
 *
 * @param lasting whether it is true only while its cause stands (`settleNotices`)
 * @param onPages it is for open pages alone, and planned for no channel
 * @returns false where the event was known already
 */
export async function addNotice(
  db: Client | Pool,
  { event, level, title, detail, link }: NewNotice,
  { lasting, onPages = false }: { readonly lasting: boolean; readonly onPages?: boolean },
): Promise<boolean> {
  const { rowCount } = await db.query(
    `WITH added AS (
       INSERT INTO gehra.notices (event, level, title, detail, link, lasting) VALUES ($1, $2, $3, $4, $5, $6)
       ON CONFLICT (event) DO NOTHING RETURNING id),
     planned AS (
       INSERT INTO gehra.notice_deliveries (notice_id, channel)
       SELECT added.id, channel FROM added CROSS JOIN gehra.notification_channels WHERE NOT $7)
     SELECT id FROM added`,
    [event, level, title, detail, link, lasting, onPages],
  );
  return rowCount === 1;
}

/** What was over for less stood all along: a process that is started again says nothing of its feeds meanwhile. */
const FLAP = `interval '30 s'`;

/**
 * Lasting notices whose event stands no more are over, and no more sent; one that stands again is there again. It is sent where
 * it never was, for it was over too soon; and once more where it is of those told `again`.
 */
export async function settleNotices(
  db: Client | Pool,
  standing: readonly Pick<NewNotice, 'event' | 'again'>[],
): Promise<void> {
  await db.query(
    `WITH before AS (
       SELECT id, over_at FROM gehra.notices WHERE lasting AND (over_at IS NULL) <> (event = ANY ($1)) FOR UPDATE),
     settled AS (
       UPDATE gehra.notices AS notice SET over_at = CASE WHEN event = ANY ($1) THEN NULL ELSE now() END
       FROM before WHERE notice.id = before.id
       RETURNING notice.id, notice.over_at, event = ANY ($2) AND before.over_at < now() - ${FLAP} AS is_told_again),
     ended AS (
       UPDATE gehra.notice_deliveries SET due_at = NULL, failure = 'it was over before it was sent'
       WHERE due_at IS NOT NULL AND notice_id IN (SELECT id FROM settled WHERE over_at IS NOT NULL))
     INSERT INTO gehra.notice_deliveries (notice_id, channel)
     SELECT settled.id, c.channel FROM settled CROSS JOIN gehra.notification_channels AS c
       LEFT JOIN gehra.notice_deliveries AS d ON d.notice_id = settled.id AND d.channel = c.channel
     WHERE settled.over_at IS NULL AND (sent_at IS NULL OR is_told_again)
     ON CONFLICT (notice_id, channel) DO UPDATE SET due_at = now(), attempts = 0, failure = NULL`,
    [standing.map(({ event }) => event), standing.filter(({ again }) => again).map(({ event }) => event)],
  );
}

/** Alerts of rules, whose event is their key (lib/signals/rules.ts), or everything else. */
export type NoticeSort = 'alerts' | 'others';

/** Notices after an id that are still true, oldest first, of the last hours. */
export async function noticesAfter(
  db: Pool,
  { after, of }: { readonly after: number; readonly of: NoticeSort },
  hours: number,
  limit: number,
): Promise<Notice[]> {
  const { rows } = await db.query<Notice>(
    `SELECT ${COLUMNS} FROM gehra.notices AS notice
     WHERE id > $1 AND over_at IS NULL AND created_at > now() - make_interval(hours => $2)
       AND starts_with(event, 'alert-') = ($4 = 'alerts') ORDER BY id LIMIT $3`,
    [after, hours, limit, of],
  );
  return rows;
}

/** The newest id; 0 where there is no notice. */
export async function newestNoticeId(db: Pool): Promise<number> {
  const { rows } = await db.query<{ id: number }>('SELECT coalesce(max(id), 0)::bigint AS id FROM gehra.notices');
  return rows[0]?.id ?? 0;
}

/** What is to be sent now. */
export async function dueDeliveries(db: Client, nowMs: number, limit: number): Promise<Delivery[]> {
  const { rows } = await db.query<Delivery>(
    `SELECT ${COLUMNS}, delivery.channel, delivery.attempts
     FROM gehra.notice_deliveries AS delivery JOIN gehra.notices AS notice ON notice.id = delivery.notice_id
     WHERE delivery.due_at <= to_timestamp($1::float8 / 1000) ORDER BY delivery.due_at LIMIT $2`,
    [nowMs, limit],
  );
  return rows;
}

/** Notes an attempt. @param failure null where it was sent @param nextMs null where it is given up */
export async function noteAttempt(
  db: Client,
  { id, channel }: Pick<Delivery, 'id' | 'channel'>,
  failure: string | null,
  nextMs: number | null,
): Promise<void> {
  await db.query(
    `UPDATE gehra.notice_deliveries SET attempts = attempts + 1, failure = $3,
       sent_at = CASE WHEN $3::text IS NULL THEN now() END,
       due_at = to_timestamp($4::float8 / 1000)
     WHERE notice_id = $1 AND channel = $2`,
    [id, channel, failure, failure === null ? null : nextMs],
  );
}

export interface ChannelRow {
  readonly channel: string;
  readonly sealed: string;
  readonly updatedMs: number;
  /** When something was last sent, and why the last attempt failed; null where none was, or did. */
  readonly sentMs: number | null;
  readonly failure: string | null;
}

export async function loadChannels(db: Client | Pool): Promise<ChannelRow[]> {
  const { rows } = await db.query<ChannelRow>(
    `SELECT channel, sealed, (extract(epoch FROM updated_at) * 1000)::bigint AS "updatedMs",
       (SELECT (extract(epoch FROM max(sent_at)) * 1000)::bigint FROM gehra.notice_deliveries AS d
        WHERE d.channel = c.channel) AS "sentMs",
       (SELECT failure FROM gehra.notice_deliveries AS d WHERE d.channel = c.channel AND attempts > 0
        ORDER BY notice_id DESC LIMIT 1) AS failure
     FROM gehra.notification_channels AS c ORDER BY channel`,
  );
  return rows;
}

/** @returns false where there is one already and `keep` is set */
export async function storeChannel(
  db: Client | Pool,
  channel: string,
  sealed: string,
  { keep = false }: { readonly keep?: boolean } = {},
): Promise<boolean> {
  const { rowCount } = await db.query(
    `INSERT INTO gehra.notification_channels (channel, sealed) VALUES ($1, $2)
     ON CONFLICT (channel) DO ${keep ? 'NOTHING' : 'UPDATE SET sealed = excluded.sealed, updated_at = now()'}`,
    [channel, sealed],
  );
  return rowCount === 1;
}

/** Takes a channel away, and what was to be sent on it. @returns false where there was none */
export async function removeChannel(db: Pool, channel: string): Promise<boolean> {
  const { rowCount } = await db.query(
    `WITH given_up AS (
       UPDATE gehra.notice_deliveries SET due_at = NULL, failure = 'the channel was taken away'
       WHERE channel = $1 AND due_at IS NOT NULL)
     DELETE FROM gehra.notification_channels WHERE channel = $1`,
    [channel],
  );
  return rowCount === 1;
}

/** Forgets what is older. */
export async function forgetNotices(db: Client, days: number): Promise<void> {
  await db.query('DELETE FROM gehra.notices WHERE created_at < now() - make_interval(days => $1)', [days]);
}
