/**
 * Looks through what is found, and plans what the rules tell of it: each signal once a rule, whenever it is killed. How far the
 * stream was looked through moves in the transaction that stores the alerts; a signal that comes again has its name.
 */
import {
  type AlertSettings,
  addAlert,
  alertPosition,
  crossingsOf,
  loadAlertSettings,
  loadRules,
  moveAlertPosition,
  moveLook,
  type NewAlert,
  type NewDelivery,
  type RuleRow,
  toldSince,
  watchedFeed,
} from '../../../db/alerts.ts';
import { type Client, connect } from '../../../db/connect.ts';
import { instrumentsOf } from '../../../db/instruments.ts';
import { addNotice } from '../../../db/notices.ts';
import type { Config } from '../../../lib/config/config.ts';
import type { Instrument } from '../../../lib/core/instrument.ts';
import type { Log } from '../../../lib/obs/log.ts';
import type { Redis } from '../../../lib/queue/redis.ts';
import { isTrimmedAfter, newestSignalPosition, signalsAfter } from '../../../lib/queue/signals.ts';
import { alertKey, isAbout, isMinuteWithin, metricOccasion, ToldMemory } from '../../../lib/signals/rules.ts';
import { metricWords, signalWords } from './words.ts';

/** Somebody else has looked meanwhile: nothing of ours was stored. */
class AlerterOvertakenError extends Error {
  override readonly name = 'AlerterOvertakenError';
}

const AT_ONCE = 500;
/** What was told in it is remembered: longer than any cooldown, and than a signal lives. */
const MEMORY_US = 26 * 3_600_000_000;
/** A rule on a number that has not looked for so long begins anew: what is past is no news. */
const LOOK_BACK_US = 15 * 60_000_000;
const CROSSINGS_MAX = 100;
type Draft = Omit<NewAlert, 'key' | 'deliveries' | 'rule'> & { readonly rule: RuleRow };

export class Alerter {
  private client: Client | null = null;
  private lost: Error | null = null;
  private memory = new ToldMemory();
  private position: string | null = null;
  private rules: readonly RuleRow[] = [];
  private readonly instruments = new Map<number, Instrument>();

  constructor(
    private readonly config: Pick<Config, 'databaseUrl'>,
    private readonly redis: Redis,
    private readonly log: Log,
    private readonly nowUs: () => number,
  ) {}

  /** Looks once through what is new. Whatever it throws, the next step goes on from what is stored. @returns how many alerts were made */
  async step(): Promise<number> {
    try {
      const client = this.client ?? (await this.begin());
      if (this.lost) throw this.lost;
      this.rules = (await loadRules(client)).filter(({ isOn }) => isOn);
      const settings = await loadAlertSettings(client);
      return (await this.lookAtSignals(client, settings)) + (await this.lookAtNumbers(client, settings));
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    const { client } = this;
    this.client = null;
    this.memory = new ToldMemory();
    await client
      ?.end()
      .catch((error: Error) => this.log.debug({ event: 'connection_not_ended', reason: error.message }));
  }

  private async begin(): Promise<Client> {
    this.lost = null;
    const client = await connect(this.config.databaseUrl, 'alerts', (error) => {
      this.lost = error;
    });
    this.client = client;
    for (const { ruleId, ...occasion } of await toldSince(client, this.nowUs() - MEMORY_US)) {
      this.memory.remember(ruleId, occasion);
    }
    this.position = await alertPosition(client);
    if (this.position === null) {
      // What was found before there was anybody to tell it to is no news.
      const newest = await newestSignalPosition(this.redis);
      if (!(await moveAlertPosition(client, null, newest)))
        throw new AlerterOvertakenError('another has begun to look');
      this.position = newest;
    } else if (await isTrimmedAfter(this.redis, this.position)) {
      this.log.warn({ event: 'signals_not_looked_at', reason: 'nobody looked for so long that some are gone' });
    }
    return client;
  }

  private async lookAtSignals(client: Client, settings: AlertSettings): Promise<number> {
    const position = this.position as string;
    const found = await signalsAfter(this.redis, position, AT_ONCE);
    const last = found.at(-1);
    if (!last) return 0;
    const drafts: Draft[] = [];
    for (const { signal } of found) {
      for (const rule of this.rules) {
        if (!isAbout(rule, signal)) continue;
        const instrument = await this.instrument(client, signal.instrumentId);
        if (!instrument || !this.memory.tell(rule, signal)) continue;
        drafts.push({ rule, occasion: signal, ...signalWords(signal, instrument) });
      }
    }
    const made = await this.store(client, drafts, settings, () => moveAlertPosition(client, position, last.position));
    this.position = last.position;
    return made;
  }

  private async lookAtNumbers(client: Client, settings: AlertSettings): Promise<number> {
    let made = 0;
    for (const rule of this.rules) {
      const { watch, id, instrumentIds, lookedUs } = rule;
      const instrument = watch.by === 'metric' ? await this.instrument(client, instrumentIds?.[0] ?? 0) : null;
      if (watch.by !== 'metric' || !instrument) continue;
      const nowUs = this.nowUs();
      if (lookedUs === null) {
        await this.store(client, [], settings, () => moveLook(client, id, null, nowUs));
        continue;
      }
      const feed = await watchedFeed(client, watch, instrument.id, nowUs - LOOK_BACK_US, nowUs);
      const fromUs = Math.max(lookedUs, nowUs - LOOK_BACK_US);
      // Up to a tick and not to the feed's position, which goes on while the broker is silent: the other one's feed is looked at
      // from where this one's ticks ended.
      const toUs = feed?.newestUs ?? fromUs;
      if (!feed || toUs <= fromUs) continue;
      const crossings = await crossingsOf(client, watch, instrument.id, feed.feedId, fromUs, toUs, CROSSINGS_MAX);
      const last = crossings.at(-1);
      const reachedUs = last && crossings.length === CROSSINGS_MAX ? last.stampUs : toUs;
      const drafts = crossings.flatMap((crossing): Draft[] => {
        const occasion = metricOccasion(watch, instrument.id, crossing.stampUs);
        if (!this.memory.tell(rule, occasion)) return [];
        return [{ rule, occasion, ...metricWords(watch, crossing, instrument) }];
      });
      made += await this.store(client, drafts, settings, () => moveLook(client, id, lookedUs, reachedUs));
    }
    return made;
  }

  /** Stores alerts in one transaction with what moves. */
  private async store(
    client: Client,
    drafts: readonly Draft[],
    settings: AlertSettings,
    move: () => Promise<boolean>,
  ): Promise<number> {
    let made = 0;
    await client.query('BEGIN');
    try {
      for (const draft of drafts) if (await addAlertOf(client, draft, settings, this.nowUs())) made += 1;
      if (!(await move())) throw new AlerterOvertakenError('the rules have changed, or another looks too');
      await client.query('COMMIT');
    } catch (error) {
      // Where the connection is gone the server rolls back by itself, and the first error says more than the second.
      await client.query('ROLLBACK').catch((second: Error) => {
        if (error instanceof Error) error.cause ??= second;
      });
      throw error;
    }
    if (made > 0) this.log.info({ event: 'alerts_made', made });
    return made;
  }

  private async instrument(client: Client, id: number): Promise<Instrument | null> {
    let instrument = this.instruments.get(id);
    if (!instrument) {
      [instrument] = await instrumentsOf(client, [id]);
      if (instrument) this.instruments.set(id, instrument);
    }
    return instrument ?? null;
  }
}

/** Keeps an alert, and on which channels it is told: not those that are quiet now. @returns false where it is there already */
async function addAlertOf(client: Client, draft: Draft, settings: AlertSettings, nowUs: number): Promise<boolean> {
  const { rule, occasion, title, detail, link } = draft;
  const key = alertKey(rule.id, occasion.id);
  const isQuiet = isMinuteWithin(nowUs, settings.quietFrom, settings.quietTo);
  const deliveries = rule.channels.map(
    (channel): NewDelivery => ({ channel, state: channel === 'screen' ? 'sent' : isQuiet ? 'held' : 'waiting' }),
  );
  const isNew = await addAlert(client, { key, rule, occasion, title, detail, link, deliveries });
  if (isNew && rule.channels.includes('screen')) {
    const words = `${detail} (rule ${rule.name}).`;
    await addNotice(
      client,
      { event: key, level: 'warn', title, detail: words, link },
      { lasting: false, onPages: true },
    );
  }
  return isNew;
}
