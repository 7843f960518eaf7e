/**
 * Keeps the plan that collectors follow: looks several times a second whether watchlists, instruments, prices or the brokers'
 * limits have moved, and where the answer is another one writes a new plan. One jobs worker at a time does it, under an advisory
 * lock; the others wait for its end.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { type Client, connect } from '../../db/connect.ts';
import { contractsOf, findInstruments, listedInstrumentsOf, storeSubscriptions } from '../../db/instruments.ts';
import { lastPrices, topByTurnover } from '../../db/market-now.ts';
import {
  listEntries,
  listLearntLimits,
  readVersions,
  storeAnswer,
  storeLearntLimit,
  type Versions,
  type WatchEntry,
} from '../../db/watchlists.ts';
import type { Config } from '../../lib/config/config.ts';
import { FEEDS, type FeedLimits } from '../../lib/core/feeds.ts';
import { indexSymbolOf } from '../../lib/core/indices.ts';
import type { Instrument } from '../../lib/core/instrument.ts';
import { formatIstDate } from '../../lib/core/ist.ts';
import type { Plan } from '../../lib/core/plan.ts';
import type { RuleAnswer, WatchRule } from '../../lib/core/watchlist.ts';
import { PlanFileError, planVersion, readPlan, writePlan } from '../../lib/net/plan-file.ts';
import { wallClockUs } from '../../lib/obs/clock.ts';
import type { Log } from '../../lib/obs/log.ts';
import { connectRedis, type Redis } from '../../lib/queue/redis.ts';
import { type ProcessStatus, readStatuses } from '../../lib/queue/status.ts';
import { isAlone } from './alone.ts';
import { makeFirstWatchlist } from './first-watchlist.ts';
import { LimitLearner, limitsWith } from './limits.ts';
import { brokersOf } from './masters.ts';
import { planFeeds, type Wanted } from './planner.ts';
import { answerRule, type Listed, type RuleContext } from './rules.ts';

/** A change of a watchlist is in the plan within twice this. */
const LOOK_MS = 400;
const RETRY_MS = 2000;
/** Turnover moves slowly, and its order flaps: it is looked at this often. */
const TURNOVER_US = 300_000_000;
const COLLECTORS = ['collector-kite', 'collector-dhan'];

/** Keeps the plan until the returned function is called. */
export function keepPlan(config: Config, log: Log): () => Promise<void> {
  const aborter = new AbortController();
  const redis = connectRedis(config.redisUrl, log);
  const loop = run(config, log, redis, aborter.signal);
  return async () => {
    aborter.abort();
    await loop;
    redis.disconnect();
  };
}

async function run(config: Config, log: Log, redis: Redis, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    let client: Client | null = null;
    try {
      client = await connect(config.databaseDirectUrl, 'planner');
      client.on('error', (error) => log.warn({ event: 'planner_connection_lost', reason: error.message }));
      if (await isAlone(client, 'plan')) await lookOn(new PlanKeeper(client, redis, config, log), signal);
    } catch (error) {
      log.warn({ event: 'planning_failed', reason: error instanceof Error ? error.message : String(error) });
    }
    await client?.end().catch((error: Error) => log.debug({ event: 'planner_end_failed', reason: error.message }));
    await pause(RETRY_MS, signal);
  }
}

async function lookOn(keeper: PlanKeeper, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await keeper.look(wallClockUs());
    await pause(LOOK_MS, signal);
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await delay(ms, undefined, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/** What the rules need to know of the instruments; read again when instruments, watchlists or the day change. */
interface Known {
  readonly versions: Versions;
  readonly today: string;
  readonly entries: readonly WatchEntry[];
  readonly contracts: ReadonlyMap<string, readonly Listed[]>;
  readonly sources: ReadonlyMap<string, Listed>;
}

export class PlanKeeper {
  private known: Known | null = null;
  private answers = new Map<number, RuleAnswer>();
  private turnover = new Map<string, number[]>();
  private turnoverUs = 0;
  private limits: FeedLimits | null = null;
  private plan: Plan = { feeds: [] };
  /** The file as it was read at first or written last; null: it is to be written anew. */
  private written: string | null = null;
  private readonly learner = new LimitLearner();
  private readonly feedIds = new Map(FEEDS.map(({ name, id }) => [name, id]));

  constructor(
    private readonly client: Client,
    private readonly redis: Redis,
    private readonly config: Config,
    private readonly log: Log,
  ) {
    const version = planVersion(config.dataDir);
    try {
      this.plan = readPlan(config.dataDir) ?? this.plan;
      this.written = version;
    } catch (error) {
      if (!(error instanceof PlanFileError)) throw error;
      log.warn({ event: 'plan_unreadable', reason: error.message });
    }
  }

  /** Looks once. @returns true where a new plan was written */
  async look(nowUs: number): Promise<boolean> {
    const today = formatIstDate(nowUs);
    const learnt = await this.learn();
    const renewed = await this.know(today);
    if (!this.known) return false;
    const ruled = await this.answer(nowUs, renewed);
    const isForeign = planVersion(this.config.dataDir) !== this.written;
    if (!learnt && !renewed && !ruled && !isForeign) return false;
    return this.write(isForeign);
  }

  /** Takes in what the brokers have refused lately. */
  private async learn(): Promise<boolean> {
    const statuses = await readStatuses(this.redis, COLLECTORS).catch((error: Error) => {
      this.log.debug({ event: 'statuses_unread', reason: error.message });
      return new Map<string, ProcessStatus>();
    });
    const feeds = [...statuses.values()].flatMap((status) =>
      status.kind === 'collector' ? Object.entries(status.feeds) : [],
    );
    const before = limitsWith(await listLearntLimits(this.client));
    const found = this.learner.take(Object.fromEntries(feeds), before);
    for (const limit of found) {
      await storeLearntLimit(this.client, limit);
      this.log.warn({ event: 'limit_learnt', ...limit });
    }
    const limits = found.length > 0 ? limitsWith(await listLearntLimits(this.client)) : before;
    const moved = this.limits === null || JSON.stringify(limits) !== JSON.stringify(this.limits);
    this.limits = limits;
    return moved;
  }

  /** Reads instruments and watchlists again where they have changed. */
  private async know(today: string): Promise<boolean> {
    const versions = await readVersions(this.client);
    const { known } = this;
    if (known && known.today === today && JSON.stringify(known.versions) === JSON.stringify(versions)) return false;
    if (!known && !(await makeFirstWatchlist(this.client, this.config, today, this.log))) return false;
    const entries = await listEntries(this.client);
    const underlyings = [
      ...new Set(entries.flatMap(({ rule }) => (rule && 'underlying' in rule ? [rule.underlying] : []))),
    ];
    const contracts = new Map<string, Listed[]>(underlyings.map((name) => [name, []]));
    for (const contract of await contractsOf(this.client, underlyings)) contracts.get(contract.name)?.push(contract);
    const priced = await findInstruments(
      this.client,
      underlyings.flatMap((name) => [
        { exchange: 'INDICES', symbol: indexSymbolOf(name) },
        { exchange: 'NSE', symbol: name },
      ]),
    );
    const sources = new Map<string, Listed>();
    for (const name of underlyings) {
      const source =
        priced.find(({ exchange, symbol }) => exchange === 'INDICES' && symbol === indexSymbolOf(name)) ??
        priced.find(({ exchange, symbol }) => exchange === 'NSE' && symbol === name) ??
        nearestFuture(contracts.get(name) ?? [], today);
      if (source) sources.set(name, source);
    }
    for (const { id, answer } of entries) if (answer && !this.answers.has(id)) this.answers.set(id, answer);
    // What a seed has just moved is read at the next look.
    this.known = { versions, today, entries, contracts, sources };
    return true;
  }

  /** Asks every rule. @returns true where an answer is another one than before */
  private async answer(nowUs: number, renewed: boolean): Promise<boolean> {
    const { entries, today, contracts, sources } = this.known as Known;
    const rules = entries.flatMap(({ id, rule }) => (rule ? [{ id, rule }] : []));
    const priced = rules.flatMap(({ rule }) => (rule.kind === 'atm' ? (sources.get(rule.underlying)?.id ?? []) : []));
    const prices = priced.length > 0 ? await lastPrices(this.client, priced) : new Map<number, number>();
    await this.readTurnover(
      rules.map(({ rule }) => rule),
      nowUs,
      renewed,
    );
    const context: RuleContext = {
      today,
      contractsOf: (underlying) => contracts.get(underlying) ?? [],
      priceSourceOf: (underlying) => sources.get(underlying) ?? null,
      lastPriceOf: (id) => prices.get(id) ?? null,
      topByTurnover: (exchange, count) => (this.turnover.get(exchange) ?? []).slice(0, count),
    };
    let moved = false;
    for (const { id, rule } of rules) {
      const before = this.answers.get(id) ?? null;
      const next = answerRule(rule, context, before);
      if (JSON.stringify(next) === JSON.stringify(before)) continue;
      this.answers.set(id, next);
      await storeAnswer(this.client, id, next);
      moved = true;
      if (next.strike !== before?.strike) this.log.info({ event: 'strike_moved', rule, strike: next.strike });
    }
    return moved;
  }

  private async readTurnover(rules: readonly WatchRule[], nowUs: number, renewed: boolean): Promise<void> {
    if (!renewed && nowUs - this.turnoverUs < TURNOVER_US) return;
    this.turnoverUs = nowUs;
    this.turnover = new Map();
    for (const rule of rules) {
      if (rule.kind !== 'turnover') continue;
      const count = Math.max(rule.count, this.turnover.get(rule.exchange)?.length ?? 0);
      this.turnover.set(rule.exchange, await topByTurnover(this.client, rule.exchange, count, formatIstDate(nowUs)));
    }
  }

  /** @param isForeign the file is not what was written: somebody has changed or removed it */
  private async write(isForeign: boolean): Promise<boolean> {
    const wanted = await this.wanted();
    const brokers = brokersOf(this.config);
    const { plan, leftOut } = planFeeds({
      wanted,
      current: this.plan,
      available: { kite: brokers.includes('kite'), dhan: brokers.includes('dhan') },
      source: this.config.dataSource,
      limits: this.limits as FeedLimits,
    });
    if (!isForeign && JSON.stringify(plan) === JSON.stringify(this.plan)) return false;
    await storeSubscriptions(
      this.client,
      plan.feeds.flatMap(({ feed, instruments }) =>
        instruments.map(({ id }) => ({ instrumentId: id, feedId: this.feedIds.get(feed) as number })),
      ),
    );
    writePlan(this.config.dataDir, plan);
    this.written = planVersion(this.config.dataDir);
    this.plan = plan;
    this.log.info({
      event: 'plan_written',
      feeds: plan.feeds.map(({ feed, instruments }) => `${feed}: ${instruments.length}`),
      leftOut: Object.entries(leftOut).flatMap(([kind, { length }]) => (length > 0 ? `${kind}: ${length}` : [])),
    });
    return true;
  }

  /** What the entries stand for, in their order, each instrument once. */
  private async wanted(): Promise<Wanted[]> {
    const { entries } = this.known as Known;
    const marks = new Map<number, { pinned: boolean; deep: boolean }>();
    for (const { id, instrumentId, deep } of entries) {
      const ids = instrumentId === null ? (this.answers.get(id)?.instrumentIds ?? []) : [instrumentId];
      for (const each of ids) {
        const before = marks.get(each);
        marks.set(each, {
          pinned: (before?.pinned ?? false) || instrumentId !== null,
          deep: (before?.deep ?? false) || deep,
        });
      }
    }
    const found = await listedInstrumentsOf(this.client, [...marks.keys()]);
    const byId = new Map<number, Instrument>(found.map((instrument) => [instrument.id, instrument]));
    return [...marks].flatMap(([id, mark]) => {
      const instrument = byId.get(id);
      return instrument ? [{ instrument, ...mark }] : [];
    });
  }
}

function nearestFuture(contracts: readonly Listed[], today: string): Listed | undefined {
  return contracts
    .filter(({ type, expiry }) => type === 'FUT' && (expiry ?? '') >= today)
    .toSorted((a, b) => (a.expiry ?? '').localeCompare(b.expiry ?? ''))[0];
}
