/** What both brokers' collectors are: a lock, the feeds of the plan, each with its connection, and a word on their state. */
import path from 'node:path';
import type { Config } from '../lib/config/config.ts';
import { type Broker, FEED_LIMITS, FEEDS, type Feed } from '../lib/core/feeds.ts';
import type { Instrument } from '../lib/core/instrument.ts';
import type { InstrumentTimes } from '../lib/core/instrument-times.ts';
import type { Plan } from '../lib/core/plan.ts';
import type { FrameDecoder } from '../lib/decode/feed-decoder.ts';
import { lockFolder } from '../lib/journal/lock.ts';
import { type KnownHours, watchHours } from '../lib/net/calendar-file.ts';
import { watchPlan } from '../lib/net/plan-file.ts';
import { monotonicMs, wallClockUs } from '../lib/obs/clock.ts';
import type { Log } from '../lib/obs/log.ts';
import type { ProcessContext } from '../lib/obs/run.ts';
import { keepPublishing } from '../lib/queue/metrics.ts';
import { connectRedis, type Redis } from '../lib/queue/redis.ts';
import { refuseForgetfulRedis } from '../lib/queue/redis-facts.ts';
import { publishSeen } from '../lib/queue/seen.ts';
import { type FeedStatus, publishStatus } from '../lib/queue/status.ts';
import { StreamAppender } from '../lib/queue/streams.ts';
import { FeedConnection, type LinkProtocol } from './connection.ts';
import { FeedPipeline } from './feed.ts';
import { type ClosedFeed, HoursGate } from './gate.ts';
import { noteFeeds, noteStreams } from './metrics.ts';
import { OUTBOX_BYTES_MAX } from './publisher.ts';

/** What a broker has of its own. */
export interface BrokerFeeds {
  readonly broker: Broker;
  newFrameDecoder(feed: Feed): FrameDecoder;
  link(feed: Feed, instruments: () => readonly Instrument[]): LinkProtocol;
}

const STATUS_MS = 1000;
/** A feed that could not be opened is tried again this often. */
const OPEN_AGAIN_MS = 5000;
/** Of each instrument there is more to say than every second would bear. */
const SEEN_MS = 2000;
/** A collector that was just killed lets go of the lock at once; one that runs does not. */
const LOCK_WAIT_S = 2;

export async function startCollector({ config, log, onStop }: ProcessContext, broker: BrokerFeeds): Promise<void> {
  const journalDir = path.join(config.dataDir, 'journal');
  onStop(await lockFolder(journalDir, broker.broker, LOCK_WAIT_S));

  await refuseForgetfulRedis(config, log);
  const redis = connectRedis(config.redisUrl, log);
  onStop(() => redis.disconnect());
  onStop(keepPublishing(redis, () => broker.broker, log));
  const streams = new MemoryWatch(redis, config, log);
  const hours = watchHours(config, (error) => log.error({ event: 'calendar_unusable', reason: error.message }));
  onStop(() => hours.stop());
  const slots = new Slots(broker, config, journalDir, redis, streams, hours, log);
  onStop(() => slots.stop());
  const gate = new HoursGate(
    () => hours.now,
    (plan) => {
      log.info({ event: 'plan_followed', open: plan.feeds.map(({ feed }) => feed) });
      slots.follow(plan);
    },
  );
  onStop(
    watchPlan(
      config.dataDir,
      (plan) => gate.use(plan, wallClockUs()),
      (error) =>
        log.error({ event: 'plan_unreadable', reason: error instanceof Error ? error.message : String(error) }),
    ),
  );
  const timer = setInterval(() => {
    void streams.look();
    gate.look(wallClockUs());
    const feeds = { ...closedStatuses(gate, broker.broker), ...slots.status() };
    noteFeeds(feeds, slots.silenceS());
    publishStatus(redis, `collector-${broker.broker}`, { kind: 'collector', feeds }).catch(
      // Redis being away is said once, by the connection itself.
      (error: Error) => log.debug({ event: 'status_not_published', reason: error.message }),
    );
  }, STATUS_MS);
  onStop(() => clearInterval(timer));
  const seenTimer = setInterval(() => slots.publishSeen(), SEEN_MS);
  onStop(() => clearInterval(seenTimer));
}

/** What is said of feeds that have no market now. */
function closedStatuses(gate: HoursGate, broker: Broker): Record<string, FeedStatus> {
  const nowUs = wallClockUs();
  const isOurs = (feed: string): boolean => FEEDS.some(({ name, broker: of }) => name === feed && of === broker);
  return Object.fromEntries(
    gate.closed
      .filter(({ plan }) => isOurs(plan.feed))
      .map((closed) => [closed.plan.feed, closedStatus(closed, gate.wordsOf(closed, nowUs))]),
  );
}

/** Of a feed that is not open. */
const NOTHING_YET = {
  gapFromUs: null,
  frames: 0,
  rejects: 0,
  unpublished: 0,
  journalFailure: null,
  publishFailure: null,
  tooMany: null,
  silent: 0,
} satisfies Partial<FeedStatus>;

const closedStatus = ({ plan, sinceUs }: ClosedFeed, detail: string): FeedStatus => ({
  ...NOTHING_YET,
  state: 'market_closed',
  cause: 'market_closed',
  detail,
  sinceUs,
  instrumentIds: plan.instruments.map(({ id }) => id),
});

/** A feed that the plan wants and that could not be opened: a folder of its journal that cannot be read, no descriptor left. */
interface Unopened {
  readonly feed: Feed;
  readonly instruments: readonly Instrument[];
  readonly reason: string;
  readonly sinceUs: number;
}

const unopenedStatus = ({ instruments, reason, sinceUs }: Unopened): FeedStatus => ({
  ...NOTHING_YET,
  state: 'backing_off',
  cause: null,
  detail: `not recorded: its journal cannot be opened: ${reason}`,
  sinceUs,
  instrumentIds: instruments.map(({ id }) => id),
});

/** The feeds of one broker, as the plan wants them. */
export class Slots {
  private readonly slots = new Map<string, Slot>();
  private readonly unopened = new Map<string, Unopened>();
  private readonly openTimer: NodeJS.Timeout;
  /** Plans are followed one after the other. */
  private following: Promise<void> = Promise.resolve();

  constructor(
    private readonly broker: BrokerFeeds,
    private readonly config: Config,
    private readonly journalDir: string,
    private readonly redis: Redis,
    private readonly memory: Pick<MemoryWatch, 'heldBack'>,
    private readonly hours: Pick<KnownHours, 'now'>,
    private readonly log: Log,
    openAgainMs = OPEN_AGAIN_MS,
  ) {
    this.openTimer = setInterval(() => {
      if (this.unopened.size > 0) this.next(() => this.openAgain());
    }, openAgainMs);
  }

  follow(plan: Plan): void {
    this.next(() => this.apply(plan));
  }

  status(): Record<string, FeedStatus> {
    return Object.fromEntries([
      ...[...this.slots].map(([name, slot]) => [name, slot.status()] as const),
      ...[...this.unopened].map(([name, unopened]) => [name, unopenedStatus(unopened)] as const),
    ]);
  }

  /** By feed: since when nothing has come of those that something should come of, s. */
  silenceS(): Record<string, number> {
    const nowUs = wallClockUs();
    const { now: hours } = this.hours;
    return Object.fromEntries([
      ...[...this.slots].map(([name, slot]) => [name, slot.silenceS()] as const),
      ...[...this.unopened.values()]
        .filter(({ instruments }) => hours.isDataExpected(instruments, nowUs))
        .map(({ feed, sinceUs }) => [feed.name, (nowUs - sinceUs) / 1e6] as const),
    ]);
  }

  /** Tells of each instrument when it was heard of. */
  publishSeen(): void {
    const nowUs = wallClockUs();
    for (const [name, { times }] of this.slots) {
      publishSeen(this.redis, name, times, nowUs).catch((error: Error) =>
        this.log.debug({ event: 'seen_not_published', reason: error.message }),
      );
    }
  }

  async stop(): Promise<void> {
    clearInterval(this.openTimer);
    await this.following;
    await Promise.all([...this.slots.values()].map((slot) => slot.stop()));
  }

  private next(work: () => Promise<void>): void {
    this.following = this.following
      .then(work)
      .catch((error: unknown) => this.log.error({ event: 'plan_not_followed', err: error }));
  }

  private async apply(plan: Plan): Promise<void> {
    const wanted = new Map(plan.feeds.map(({ feed, instruments }) => [feed, instruments]));
    // Whom another slot of the kind takes over is let go a moment later, so that it is given all the time.
    const taken = {
      ticks: new Set<number>(),
      live: new Set<number>(),
      depth20: new Set<number>(),
      depth200: new Set<number>(),
    };
    const feeds = FEEDS.filter(({ broker }) => broker === this.broker.broker);
    for (const { name, kind } of feeds) {
      const held = this.slots.get(name)?.instrumentIds ?? new Set();
      for (const { id } of wanted.get(name) ?? []) if (!held.has(id)) taken[kind].add(id);
    }
    for (const feed of feeds) {
      const instruments = wanted.get(feed.name) ?? [];
      if (instruments.length === 0) continue;
      const slot = this.slots.get(feed.name);
      if (slot) slot.use(instruments, taken[feed.kind]);
      else await this.tryOpen(feed, instruments);
    }
    for (const { name } of feeds) {
      if ((wanted.get(name) ?? []).length > 0) continue;
      this.unopened.delete(name);
      const slot = this.slots.get(name);
      if (!slot) continue;
      this.slots.delete(name);
      await slot.leave().catch((error: unknown) => this.log.error({ event: 'feed_not_left', feed: name, err: error }));
    }
  }

  private async openAgain(): Promise<void> {
    for (const { feed, instruments } of this.unopened.values()) await this.tryOpen(feed, instruments);
  }

  /** One that cannot be opened keeps no other from being recorded. */
  private async tryOpen(feed: Feed, instruments: readonly Instrument[]): Promise<void> {
    const before = this.unopened.get(feed.name);
    try {
      this.slots.set(feed.name, await this.open(feed, instruments));
      this.unopened.delete(feed.name);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (reason !== before?.reason) this.log.error({ event: 'feed_not_opened', feed: feed.name, err: error });
      this.unopened.set(feed.name, { feed, instruments, reason, sinceUs: before?.sinceUs ?? wallClockUs() });
    }
  }

  private async open(feed: Feed, instruments: readonly Instrument[]): Promise<Slot> {
    const { broker, config, journalDir, log } = this;
    const pipeline = await FeedPipeline.open({
      feed,
      instruments,
      hours: () => this.hours.now,
      newFrameDecoder: () => broker.newFrameDecoder(feed),
      appender: new StreamAppender(this.redis),
      journalDir,
      segmentBytes: config.journal.segmentBytes,
      heldBack: () => this.memory.heldBack,
      outboxBytesMax: OUTBOX_BYTES_MAX,
      nowUs: wallClockUs,
      log,
    });
    return new Slot(pipeline, instruments, (current) => broker.link(feed, current), log);
  }
}

/** One feed and its connection. */
class Slot {
  private readonly connection: FeedConnection;
  private readonly link: LinkProtocol;
  /** What the plan says. A 200-level connection gets there only when the one before has ended. */
  private wanted: readonly Instrument[];
  /** Not asked for any more, but what is on its way of them is theirs. */
  private leaving: readonly Instrument[] = [];
  private leavingTimer: NodeJS.Timeout | undefined;
  private takeoverTimer: NodeJS.Timeout | undefined;
  /** When data was last not expected, on the monotonic clock, ms. */
  private notExpectedMs = monotonicMs();

  constructor(
    private readonly pipeline: FeedPipeline,
    private instruments: readonly Instrument[],
    link: (instruments: () => readonly Instrument[]) => LinkProtocol,
    log: Log,
  ) {
    this.wanted = instruments;
    pipeline.setInstruments(instruments);
    this.link = link(() => this.instruments);
    this.connection = new FeedConnection(pipeline, this.link, wallClockUs, log);
    this.connection.start();
  }

  get instrumentIds(): ReadonlySet<number> {
    return new Set(this.instruments.map(({ id }) => id));
  }

  get times(): InstrumentTimes {
    return this.pipeline.times;
  }

  /**
   * Gives these instruments from now on. On an open connection only the difference is asked for, and nobody else notices.
   *
   * @param takenOver ids that other slots of this kind begin to give now
   */
  use(instruments: readonly Instrument[], takenOver: ReadonlySet<number>): void {
    clearTimeout(this.takeoverTimer);
    if (JSON.stringify(instruments) === JSON.stringify(this.wanted)) return;
    this.wanted = instruments;
    const before = new Set(this.instruments.map(wireName));
    const after = new Set(instruments.map(wireName));
    const removed = this.instruments.filter((instrument) => !after.has(wireName(instrument)));
    const added = instruments.filter((instrument) => !before.has(wireName(instrument)));
    const staying = removed.filter(({ id }) => takenOver.has(id));
    const { feed } = this.pipeline;
    if (staying.length > 0 && instruments.length + staying.length <= FEED_LIMITS[feed.kind].instruments) {
      this.use([...instruments, ...staying], NOBODY);
      this.takeoverTimer = setTimeout(() => this.use(instruments, NOBODY), LEAVING_MS);
      return;
    }
    if (removed.length === 0 && added.length === 0) {
      // Another lot or tick size: nothing to ask for.
      this.adopt(instruments, []);
      return;
    }
    const texts = this.link.changing(removed, added);
    if (texts === null) {
      this.connection.replace(() => this.adopt(this.wanted, []));
      return;
    }
    // Who comes back while leaving was not given meanwhile: it is a newcomer.
    if (added.some(({ id }) => this.leaving.some((one) => one.id === id))) this.adopt(this.instruments, []);
    this.adopt(instruments, this.connection.isOpen ? removed : []);
    this.connection.send(texts);
  }

  /**
   * Ends for the night, which is a gap until the market opens again; or for good: then its instruments are not to be given any
   * more, and their time ends here, without a gap.
   */
  async leave(): Promise<void> {
    this.clearTimers();
    await this.connection.stop();
    if (!this.pipeline.noteClose()) this.pipeline.setInstruments([]);
    await this.pipeline.close();
  }

  status(): FeedStatus {
    const { pipeline, connection, instruments } = this;
    return {
      ...connection.state,
      gapFromUs: pipeline.openGapFromUs,
      instrumentIds: instruments.map(({ id }) => id),
      silent: pipeline.times.silent,
      frames: pipeline.frames,
      rejects: pipeline.rejects,
      unpublished: pipeline.unpublished,
      journalFailure: pipeline.journalFailure,
      publishFailure: pipeline.publishFailure,
    };
  }

  /** Since when data is missed, s; 0 while none is expected. Where none ever came, since it was first expected. */
  silenceS(): number {
    const { pipeline } = this;
    const now = monotonicMs();
    if (!pipeline.dataExpected) this.notExpectedMs = now;
    return (now - Math.max(pipeline.lastDataMs, this.notExpectedMs)) / 1000;
  }

  async stop(): Promise<void> {
    this.clearTimers();
    await this.connection.stop();
    this.pipeline.noteClose();
    await this.pipeline.close();
  }

  private clearTimers(): void {
    clearTimeout(this.leavingTimer);
    clearTimeout(this.takeoverTimer);
  }

  private adopt(instruments: readonly Instrument[], leaving: readonly Instrument[]): void {
    this.instruments = instruments;
    this.leaving = leaving;
    this.pipeline.setInstruments([...instruments, ...leaving]);
    clearTimeout(this.leavingTimer);
    if (leaving.length > 0) this.leavingTimer = setTimeout(() => this.adopt(this.instruments, []), LEAVING_MS);
  }
}

/** So long an instrument is still believed, or still asked for, after its place was given away. */
const LEAVING_MS = 2000;
const NOBODY: ReadonlySet<number> = new Set();

/** What an instrument is to the brokers: with another number it has to be asked for again. */
const wireName = ({ id, kiteToken, dhanSegment, dhanSecurityId }: Instrument): string =>
  `${id} ${kiteToken} ${dhanSegment} ${dhanSecurityId}`;

/** Publishing goes on again once the streams take this much less than the cap. */
const RESUME_SHARE = 0.9;

/** Holds publishing back while the streams take more memory than the configuration allows. Journalling goes on. */
class MemoryWatch {
  heldBack: string | null = null;
  private readonly appender: StreamAppender;

  constructor(
    redis: Redis,
    private readonly config: Config,
    private readonly log: Log,
  ) {
    this.appender = new StreamAppender(redis);
  }

  async look(): Promise<void> {
    const { bytesMax } = this.config.stream;
    try {
      const bytes = await this.appender.bytes(FEEDS);
      noteStreams(bytes, bytesMax);
      if (this.heldBack === null && bytes > bytesMax) {
        const mb = (value: number): number => Math.round(value / 1e6);
        this.heldBack = `the streams hold ${mb(bytes)} MB, ${mb(bytesMax)} MB are allowed: is the writer running?`;
        this.log.error({ event: 'streams_too_large', bytes, bytesMax });
      } else if (this.heldBack !== null && bytes < bytesMax * RESUME_SHARE) {
        this.heldBack = null;
        this.log.info({ event: 'streams_small_enough', bytes, bytesMax });
      }
    } catch (error) {
      // Away: publishing fails by itself and says so.
      this.log.debug({ event: 'stream_memory_unknown', err: error });
    }
  }
}
