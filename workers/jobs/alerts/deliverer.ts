/**
 * Delivers alerts, each attempt under the alert's key. That an attempt begins is stored before anything is sent: one that was never
 * heard of again, because its process was killed or no answer came, is known as such, and the delivery ends as uncertain. A webhook is
 * sent the same again before that, under the same key; Telegram has no such key, so nothing is repeated there.
 */
import { type AttemptEnd, beginDelivery, endDelivery, openDeliveries } from '../../../db/alerts.ts';
import type { Pool } from '../../../db/connect.ts';
import { loadChannels } from '../../../db/notices.ts';
import { SealError } from '../../../lib/auth/seal.ts';
import type { Config } from '../../../lib/config/config.ts';
import { CHANNELS, type ChannelName, send } from '../../../lib/notify/channels.ts';
import { OutgoingError } from '../../../lib/notify/outgoing.ts';
import { unsealSettings } from '../../../lib/notify/sealed.ts';
import type { Log } from '../../../lib/obs/log.ts';
import { AlertQueue, startAlertJobs } from '../../../lib/queue/jobs.ts';

const CONCURRENCY = 4;
/** More than a channel takes in a minute: what is behind them is asked for once they have ended. */
const ASKED_MAX = 500;
/** News of a market: what could not be sent by then is not sent any more. */
const LATEST_MS = 15 * 60_000;

export interface DelivererParts {
  readonly config: Pick<Config, 'redisUrl' | 'authSecret' | 'appUrl' | 'simulated' | 'notify'>;
  readonly db: Pool;
  readonly log: Log;
  readonly nowMs: () => number;
}

interface Timing {
  readonly lockMs?: number;
  readonly retryMs?: number;
}

/** The attempt is over and another is to be made: the queue does. */
class TryAgainError extends Error {
  override readonly name = 'TryAgainError';
}

export class Deliverer {
  private readonly queues: readonly AlertQueue<ChannelName>[];
  private readonly stops: readonly (() => Promise<void>)[];

  constructor(
    private readonly parts: DelivererParts,
    { lockMs, retryMs }: Timing = {},
  ) {
    const { config, log } = parts;
    this.queues = CHANNELS.map((channel) => new AlertQueue(config.redisUrl, channel, log, retryMs));
    this.stops = CHANNELS.map((channel) =>
      startAlertJobs(
        config.redisUrl,
        channel,
        {
          concurrency: CONCURRENCY,
          run: (key, isLast) => this.attempt(key, channel, isLast),
          ...(lockMs === undefined ? {} : { lockMs }),
        },
        log,
      ),
    );
  }

  /** Asks the queues for everything that has not ended: what they have already stays as it is. */
  async ask(): Promise<void> {
    for (const queue of this.queues) await queue.ask(await openDeliveries(this.parts.db, queue.channel, ASKED_MAX));
  }

  async stop(): Promise<void> {
    await Promise.all(this.stops.map((stop) => stop()));
    await Promise.all(this.queues.map((queue) => queue.close()));
  }

  /** @throws TryAgainError where another attempt is to be made */
  private async attempt(key: string, channel: ChannelName, isLast: boolean): Promise<void> {
    const { config, db, log, nowMs } = this.parts;
    // Before it begins: what fails until then has certainly sent nothing.
    const row = (await loadChannels(db)).find((one) => one.channel === channel);
    const begun = await beginDelivery(db, key, channel);
    if (!begun) return;
    const { title, detail, link, ruleName, createdMs, unknown, isRuleGone } = begun;
    const end = (ended: Omit<AttemptEnd, 'unknown' | 'made'>, more: Partial<AttemptEnd> = {}): Promise<void> =>
      endDelivery(db, key, channel, { unknown: false, made: true, ...more, ...ended });
    const giveUp = (failure: string): Promise<void> =>
      end({ state: unknown ? 'uncertain' : 'failed', failure }, { made: false });
    const isRepeatable = channel === 'slack';
    if (unknown && !isRepeatable) {
      return giveUp('it was sent, and whether it arrived is not known; it is not sent again');
    }
    if (isRuleGone) return giveUp('its rule was deleted');
    if (nowMs() - createdMs > LATEST_MS) return giveUp('it could not be sent within a quarter of an hour');
    if (!row) return giveUp('the channel is not set up');
    try {
      await send(
        channel,
        unsealSettings(config.authSecret, channel, row.sealed),
        {
          level: 'warn',
          title,
          detail: `${detail}\nRule: ${ruleName}`,
          link: `${config.appUrl}${link}`,
          idempotencyKey: key,
        },
        { telegramUrl: config.notify.telegramUrl, allowLoopback: config.simulated, nowMs },
      );
      const repeated = 'an attempt before it got no answer, so it may have arrived twice, under one key';
      await end(unknown ? { state: 'uncertain', failure: repeated } : { state: 'sent', failure: null });
      log.info({ event: 'alert_sent', channel, alert: key });
    } catch (error) {
      if (!(error instanceof OutgoingError || error instanceof SealError)) throw error;
      const mayHaveArrived = error instanceof OutgoingError && error.mayHaveArrived;
      const isOver = isLast || (mayHaveArrived && !isRepeatable) || error instanceof SealError;
      const ended = unknown || mayHaveArrived ? 'uncertain' : 'failed';
      await end({ state: isOver ? ended : 'waiting', failure: error.message }, { unknown: mayHaveArrived });
      if (!isOver) throw new TryAgainError(error.message);
    }
  }
}
