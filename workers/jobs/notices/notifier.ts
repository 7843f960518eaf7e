/** Tells people: keeps each event once, and sends it on every channel until it is taken or given up. */
import { type Client, connect } from '../../../db/connect.ts';
import {
  addNotice,
  type Delivery,
  dueDeliveries,
  loadChannels,
  type NewNotice,
  noteAttempt,
  settleNotices,
  storeChannel,
} from '../../../db/notices.ts';
import { SealError } from '../../../lib/auth/seal.ts';
import type { Config } from '../../../lib/config/config.ts';
import { type ChannelName, type ChannelSettings, type Outside, send } from '../../../lib/notify/channels.ts';
import { OutgoingError } from '../../../lib/notify/outgoing.ts';
import { sealSettings, unsealSettings } from '../../../lib/notify/sealed.ts';
import type { Log } from '../../../lib/obs/log.ts';
import { isAlone } from '../alone.ts';

/** Messages sent in one look. */
const AT_ONCE = 20;
const ATTEMPTS_MAX = 8;
const RETRY_MIN_MS = 30_000;
const RETRY_MAX_MS = 3_600_000;

/** How long to wait after so many attempts that failed; null to give up. After eight: about two hours. */
export const retryAfterMs = (attempts: number): number | null =>
  attempts >= ATTEMPTS_MAX ? null : Math.min(RETRY_MIN_MS * 2 ** (attempts - 1), RETRY_MAX_MS);

export class Notifier {
  /** Settings as they were last read: what is told when the database is away goes by them. */
  private known: { channel: ChannelName; settings: ChannelSettings }[] = [];
  private readonly outside: Outside;
  /** Events told by this process: those that stand for hours are looked at every few seconds. */
  private readonly told = new Set<string>();

  constructor(
    private readonly config: Config,
    private readonly log: Log,
    private readonly nowMs: () => number,
  ) {
    this.outside = { telegramUrl: config.notify.telegramUrl, allowLoopback: config.simulated };
  }

  /** The webhook of the environment, where none was entered. */
  async seed(): Promise<void> {
    const { slackWebhookUrl, slackSigningKey } = this.config.notify;
    if (slackWebhookUrl === '') return;
    if (this.config.authSecret === '') {
      this.log.error({ event: 'webhook_not_taken', reason: 'AUTH_SECRET is not set' });
      return;
    }
    const sealed = sealSettings(this.config.authSecret, 'slack', {
      webhookUrl: slackWebhookUrl,
      ...(slackSigningKey === '' ? {} : { signingKey: slackSigningKey }),
    });
    const isNew = await this.withDatabase((db) => storeChannel(db, 'slack', sealed, { keep: true }));
    if (isNew) this.log.info({ event: 'webhook_taken_from_environment' });
  }

  /** Tells an event that was not told before. Where the database is away it is sent at once, on what is known. */
  async tell(notice: NewNotice, kind: { readonly lasting: boolean } = { lasting: false }): Promise<void> {
    if (this.told.has(notice.event)) return;
    try {
      const isNew = await this.withDatabase((db) => addNotice(db, notice, kind));
      if (isNew) this.log.info({ event: 'notice_added', notice: notice.event, level: notice.level });
    } catch (error) {
      this.log.error({ event: 'notice_not_kept', notice: notice.event, reason: messageOf(error) });
      for (const { channel, settings } of this.known) await this.attempt(channel, settings, notice);
    }
    this.told.add(notice.event);
  }

  /** Ends lasting notices whose events stand no more, and tells anew of those that stand again. */
  async settle(standing: readonly NewNotice[]): Promise<void> {
    await this.withDatabase((db) => settleNotices(db, standing));
  }

  /** Sends what is due, unless another jobs worker is about it: what both took for due would be sent twice. */
  async deliver(): Promise<void> {
    this.known = await this.withDatabase((db) => this.readChannels(db));
    const client = await connect(this.config.databaseDirectUrl, 'notices');
    try {
      if (await isAlone(client, 'notices')) await this.deliverDue(client);
    } finally {
      await client.end();
    }
  }

  /** On all channels at once, so that one that does not answer keeps no other waiting. */
  private async deliverDue(client: Client): Promise<void> {
    const due = await dueDeliveries(client, this.nowMs(), AT_ONCE);
    const channels = [...new Set(due.map(({ channel }) => channel))];
    await Promise.all(
      channels.map((channel) =>
        this.withDatabase(async (db) => {
          for (const delivery of due.filter((one) => one.channel === channel)) {
            // What is behind it is due still, and may have better luck when it is looked at again.
            if (!(await this.deliverOne(db, delivery))) return;
          }
        }),
      ),
    );
  }

  /** @returns whether it was sent */
  private async deliverOne(db: Client, delivery: Delivery): Promise<boolean> {
    const known = this.known.find(({ channel }) => channel === delivery.channel);
    const failure = known
      ? await this.attempt(known.channel, known.settings, delivery)
      : 'its settings cannot be read: enter them again';
    const waitMs = retryAfterMs(delivery.attempts + 1);
    await noteAttempt(db, delivery, failure, waitMs === null ? null : this.nowMs() + waitMs);
    return failure === null;
  }

  /** @returns why it could not be sent; null where it was */
  private async attempt(channel: ChannelName, settings: ChannelSettings, notice: NewNotice): Promise<string | null> {
    const { level, title, detail, link } = notice;
    const message = { level, title, detail, link: link === null ? null : `${this.config.appUrl}${link}` };
    try {
      await send(channel, settings, message, this.outside);
      this.log.info({ event: 'notice_sent', channel, notice: notice.event });
      return null;
    } catch (error) {
      const reason = error instanceof OutgoingError ? error.message : 'it could not be sent';
      this.log.warn({ event: 'notice_not_sent', channel, notice: notice.event, reason });
      return reason;
    }
  }

  private async readChannels(db: Client): Promise<{ channel: ChannelName; settings: ChannelSettings }[]> {
    return (await loadChannels(db)).flatMap(({ channel, sealed }) => {
      try {
        const name = channel as ChannelName;
        return [{ channel: name, settings: unsealSettings(this.config.authSecret, name, sealed) }];
      } catch (error) {
        if (!(error instanceof SealError)) throw error;
        this.log.error({ event: 'channel_unreadable', channel, reason: error.message });
        return [];
      }
    });
  }

  private async withDatabase<T>(work: (db: Client) => Promise<T>): Promise<T> {
    const client = await connect(this.config.databaseUrl, 'notices');
    try {
      return await work(client);
    } finally {
      await client.end();
    }
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
