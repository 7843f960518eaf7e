/**
 * A recording as a market. Read ahead a little and no further; fields are passed on as they are. A book goes out at
 * every recorded time at which it changed, both sides, as it stands after everything of that time; a packet for every
 * trade.
 */
import { ASK, BID, type Side, SideLevels } from '../core/side.ts';
import type { MarketInstrument, MarketListener, RecordingClock } from './listing.ts';
import type { Quote } from './quote.ts';
import { type OnBadLine, type Print, type Recording, RecordingError, ReplayState, type Step } from './recording.ts';

/** Steps read ahead; less than this and the next batch is fetched while these are played. */
const AHEAD_STEPS = 4000;

class Replayed {
  readonly state = new ReplayState();
  readonly levels: readonly [SideLevels, SideLevels] = [new SideLevels(), new SideLevels()];
  /** Ladder versions that `levels` were copied from. */
  readonly extracted: [number, number] = [-1, -1];
  /** Sum of both ladders' versions when the book was last published. */
  publishedVersion = 0;
  published = false;

  get version(): number {
    const { ladders } = this.state.book;
    return ladders[BID].version + ladders[ASK].version;
  }
}

export class ReplayMarket {
  readonly name: string;
  readonly instruments: readonly MarketInstrument[];
  readonly recording: RecordingClock;
  nowUs = 0;
  private at = 0;
  private readonly replayed: readonly Replayed[];
  private readonly source: AsyncGenerator<readonly Step[], void, undefined>;
  private steps: Step[] = [];
  private position = 0;
  private ended = false;
  private fetching: Promise<void> | null = null;

  /** The trade that the packet now being published is of; null where it is of none. */
  print: Print | null = null;

  private constructor(
    recording: Recording,
    private readonly onBadLine: OnBadLine | undefined,
  ) {
    this.name = recording.name;
    this.instruments = recording.instruments;
    this.replayed = recording.instruments.map(() => new Replayed());
    this.source = recording.steps(onBadLine);
    this.recording = {
      unit: recording.unit,
      now: () => this.at,
      parse: (text) => recording.parseTime(text),
    };
  }

  /**
   * Reads the beginning.
   *
   * @param onBadLine told of lines that make no sense or cannot be applied, which are left out; without it they end the replay
   * @throws RecordingError where that is not possible
   */
  static async open(recording: Recording, onBadLine?: OnBadLine): Promise<ReplayMarket> {
    const market = new ReplayMarket(recording, onBadLine);
    await market.fetch();
    const [first] = market.steps;
    if (!first) throw new RecordingError(`${recording.name}: there is nothing in it`);
    market.nowUs = first.us;
    return market;
  }

  /** A group of one time is known whole only when something later is known, or the end. */
  get loading(): Promise<void> | null {
    if (this.ended) return null;
    const next = this.steps[this.position];
    const last = this.steps.at(-1);
    return next && last && last.at > next.at ? null : this.fetch();
  }

  nextUs(): number {
    return this.steps[this.position]?.us ?? Infinity;
  }

  advance(untilUs: number, listener: MarketListener): void {
    while (this.loading === null && this.nextUs() <= untilUs) this.playGroup(listener);
    // Time passes in a pause of the recording too.
    if (this.loading === null && this.nextUs() !== Infinity)
      this.nowUs = Math.max(this.nowUs, Math.min(untilUs, this.nextUs()));
    if (!this.ended && this.steps.length - this.position < AHEAD_STEPS) void this.fetch();
  }

  levels(instrument: number, side: Side): SideLevels {
    const { state, levels, extracted } = this.of(instrument);
    const ladder = state.book.ladders[side];
    if (extracted[side] !== ladder.version) {
      ladder.extract(levels[side]);
      extracted[side] = ladder.version;
    }
    return levels[side];
  }

  quote(instrument: number): Quote {
    const { quote, book, totalsFromBook } = this.of(instrument).state;
    if (totalsFromBook) {
      quote.buyQuantity = book.ladders[BID].quantity;
      quote.sellQuantity = book.ladders[ASK].quantity;
    }
    return quote;
  }

  published(instrument: number): boolean {
    return this.of(instrument).published;
  }

  async close(): Promise<void> {
    this.ended = true;
    this.steps = [];
    this.position = 0;
    await this.source.return();
  }

  private of(instrument: number): Replayed {
    const replayed = this.replayed[instrument];
    if (!replayed) throw new RangeError(`no instrument ${instrument}`);
    return replayed;
  }

  /** Plays everything of the next recorded time. */
  private playGroup(listener: MarketListener): void {
    const first = this.steps[this.position] as Step;
    this.at = first.at;
    this.nowUs = first.us;
    const touched = new Set<number>();
    for (let step: Step | undefined = first; step?.at === first.at; step = this.steps[this.position]) {
      this.apply(step);
      touched.add(step.instrument);
      this.position += 1;
    }
    for (const instrument of touched) this.publish(instrument, listener);
  }

  private apply(step: Step): void {
    try {
      step.apply(this.of(step.instrument).state);
    } catch (error) {
      if (!this.onBadLine || !(error instanceof RecordingError || error instanceof RangeError)) throw error;
      this.onBadLine(step.line ?? 0, error.message);
    }
  }

  private publish(instrument: number, listener: MarketListener): void {
    const replayed = this.of(instrument);
    const { state, version } = replayed;
    for (const change of state.ticks) {
      change.apply(state.quote);
      this.print = change.print;
      replayed.published = true;
      listener.tick(instrument);
    }
    state.ticks.length = 0;
    if (version === replayed.publishedVersion) return;
    replayed.publishedVersion = version;
    replayed.published = true;
    listener.book(instrument);
  }

  /** Takes in the next batch; one at a time. A failure is the caller's, and every later caller's. */
  private fetch(): Promise<void> {
    this.fetching ??= this.source.next().then(({ value, done }) => {
      this.fetching = null;
      if (done) {
        this.ended = true;
        return;
      }
      this.steps = this.steps.slice(this.position).concat(value);
      this.position = 0;
    });
    return this.fetching;
  }
}
