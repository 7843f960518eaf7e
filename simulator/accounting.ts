/**
 * The exchange's books about itself: what it handed to sockets, so that a test can prove that nothing was lost.
 *
 * A series is one kind of packet of one instrument on one feed. A frame counts once, when the first socket takes it;
 * how often it was handed over in all is `deliveries`. What was altered, left out or repeated on purpose counts under
 * `injected` and nowhere else.
 */
import { depthChecksum, tickChecksum } from '../lib/core/checksum.ts';
import type { SideLevels } from '../lib/core/side.ts';
import { FrameLog, FrameLogBudget, type LoggedFrame } from './frame-log.ts';
import type { MarketInstrument, RecordingClock } from './market/market.ts';

export const FEED_NAMES = ['kite', 'dhan-live', 'dhan-depth20', 'dhan-depth200'] as const;
export type FeedName = (typeof FEED_NAMES)[number];

export const PACKET_KINDS = [
  'ltp',
  'quote',
  'full',
  'index_quote',
  'index',
  'ticker',
  'oi',
  'prev_close',
  'bid',
  'ask',
] as const;
export type PacketKind = (typeof PACKET_KINDS)[number];

/** Entries of /outages that are kept: a day of faults every few seconds. */
const OUTAGES_KEPT = 10_000;

export interface Outage {
  readonly feed: FeedName;
  readonly kind: PacketKind;
  readonly instrument: string;
  readonly fromUs: number;
  /** Null while it lasts. */
  toUs: number | null;
  readonly cause: 'no_subscriber' | 'injected';
}

/** One kind of packet of one instrument on one feed. */
export class Series {
  readonly log: FrameLog;
  deliveries = 0;
  /** Frames due while nobody was there to take them, after somebody had been. */
  unheard = 0;
  readonly injected = { malformed: 0, duplicates: 0, dropped: 0, duplicate_checksum: 0 };
  subscribers = 0;
  outage: Outage | null = null;

  constructor(
    readonly feed: FeedName,
    readonly kind: PacketKind,
    readonly instrument: number,
    budget: FrameLogBudget,
  ) {
    this.log = new FrameLog(budget);
  }
}

/** A packet on its way to one or more sockets. */
export class Packet {
  /** A socket has taken it as it is. */
  delivered = false;
  /** A fault has kept it from a socket, or spoilt it on the way there. */
  spoilt: 'dropped' | 'malformed' | null = null;
  /** A fault keeps it back until the next has gone before it. */
  held = false;
  /** Copies sent on purpose beside it. */
  duplicates = 0;

  constructor(
    readonly series: Series,
    readonly checksum: number,
    readonly levels: number,
  ) {}
}

/** One side of a book as a feed of at most `levelsMax` levels sends it. */
export function depthPacket(series: Series, levels: SideLevels, levelsMax: number): Packet {
  const count = Math.min(levels.count, levelsMax);
  return new Packet(series, depthChecksum({ ...levels, count } as SideLevels), count);
}

/** `values` in the fixed order that docs and the stored rows agree on; see tickValues in the faces. */
export const tickPacket = (series: Series, values: readonly number[]): Packet =>
  new Packet(series, tickChecksum(values), 0);

export class Accounting {
  private readonly budget = new FrameLogBudget();
  /** By feed, kind and instrument. */
  private readonly series = new Map<string, Series>();
  private readonly outages: Outage[] = [];
  /** Messages invented to be wrong, which belong to no series. */
  readonly garbage: Record<FeedName, number> = { kite: 0, 'dhan-live': 0, 'dhan-depth20': 0, 'dhan-depth200': 0 };

  constructor(
    private readonly instruments: readonly MarketInstrument[],
    private readonly recording: RecordingClock | null,
    private readonly nowUs: () => number,
  ) {}

  /** The series, begun where it is new. */
  of(feed: FeedName, kind: PacketKind, instrument: number): Series {
    const key = seriesKey(feed, kind, instrument);
    let series = this.series.get(key);
    if (!series) {
      series = new Series(feed, kind, instrument, this.budget);
      this.series.set(key, series);
    }
    return series;
  }

  /** The series for which a packet is due now; null where nobody would hear it, which is counted. */
  due(feed: FeedName, kind: PacketKind, instrument: number): Series | null {
    const series = this.series.get(seriesKey(feed, kind, instrument));
    if (!series) return null;
    if (series.subscribers > 0) return series;
    series.unheard += 1;
    return null;
  }

  subscribed(series: Series): void {
    series.subscribers += 1;
    if (series.subscribers === 1) this.endOutage(series);
  }

  unsubscribed(series: Series): void {
    series.subscribers -= 1;
    if (series.subscribers === 0) this.beginOutage(series, 'no_subscriber');
  }

  /** A socket took the packet as it is. */
  delivered(packet: Packet): void {
    const { series } = packet;
    series.deliveries += 1;
    if (packet.delivered) return;
    packet.delivered = true;
    series.log.add(this.nowUs(), this.recording?.now() ?? 0, packet.checksum, packet.levels);
    if (series.outage?.cause === 'injected') this.endOutage(series);
  }

  /** A packet sent before was sent again on purpose. */
  repeated({ series, checksum }: Packet, times: number): void {
    series.injected.duplicates += times;
    series.injected.duplicate_checksum += times * checksum;
  }

  /** Every socket has had its turn with the packet: what faults did to it is counted now. */
  settle(packet: Packet): void {
    const { series, spoilt, duplicates } = packet;
    if (duplicates > 0) this.repeated(packet, duplicates);
    if (packet.delivered || packet.held) return;
    if (spoilt === null) {
      // Whoever had asked for it is about to be gone.
      series.unheard += 1;
      return;
    }
    series.injected[spoilt] += 1;
    if (!series.outage) this.beginOutage(series, 'injected');
  }

  /** `at`: only frames whose recording time is before it. Null where the log does not reach back so far. */
  report(at: number | null): FeedReport[] | null {
    const feeds = new Map<string, FeedReport>();
    for (const series of this.series.values()) {
      const { feed, kind, log } = series;
      const sums = at === null ? log.sums : log.before(at);
      if (sums === null) return null;
      const key = `${feed} ${kind}`;
      const report = feeds.get(key) ?? { feed, kind, instruments: [] };
      feeds.set(key, report);
      const { slug, kiteToken, dhanSecurityId } = this.instruments[series.instrument] as MarketInstrument;
      report.instruments.push({
        instrument: slug,
        ...(feed === 'kite' ? { kite_token: kiteToken } : { security_id: dhanSecurityId }),
        frames: sums.frames,
        levels: sums.levels,
        first_us: sums.frames > 0 ? log.firstUs : null,
        last_us: sums.frames > 0 ? sums.lastUs : null,
        checksum: String(sums.checksum),
        deliveries: series.deliveries,
        unheard: series.unheard,
        subscribers: series.subscribers,
        injected: series.injected,
      });
    }
    return [...feeds.values()];
  }

  /** Frames of an instrument's packets of one kind; null where none was ever due. */
  ledger(
    feed: FeedName | null,
    kind: PacketKind,
    instrument: number,
    from: number,
    limit: number,
  ): LoggedFrame[] | null {
    for (const series of this.series.values()) {
      if (series.kind === kind && series.instrument === instrument && (feed === null || series.feed === feed)) {
        return series.log.read(from, limit);
      }
    }
    return null;
  }

  listOutages(): readonly Outage[] {
    return this.outages;
  }

  private beginOutage(series: Series, cause: Outage['cause']): void {
    this.endOutage(series);
    const { slug } = this.instruments[series.instrument] as MarketInstrument;
    series.outage = {
      feed: series.feed,
      kind: series.kind,
      instrument: slug,
      fromUs: this.nowUs(),
      toUs: null,
      cause,
    };
    this.outages.push(series.outage);
    if (this.outages.length > OUTAGES_KEPT) this.outages.shift();
  }

  private endOutage(series: Series): void {
    if (series.outage) series.outage.toUs = this.nowUs();
    series.outage = null;
  }
}

const seriesKey = (feed: FeedName, kind: PacketKind, instrument: number): string => `${feed} ${kind} ${instrument}`;

export interface FeedReport {
  readonly feed: FeedName;
  readonly kind: PacketKind;
  readonly instruments: InstrumentReport[];
}

export interface InstrumentReport {
  readonly instrument: string;
  readonly kite_token?: number;
  readonly security_id?: number;
  readonly frames: number;
  readonly levels: number;
  readonly first_us: number | null;
  readonly last_us: number | null;
  readonly checksum: string;
  readonly deliveries: number;
  readonly unheard: number;
  readonly subscribers: number;
  readonly injected: Series['injected'];
}
