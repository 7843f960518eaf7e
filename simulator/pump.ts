/**
 * Moves the market: by the wall clock at some speed, as fast as sockets take it, or by hand. Decides when a recording
 * begins and when it waits.
 */
import type { Market, MarketListener } from './market/market.ts';

export type Speed = number | 'max';
export type ClockMode = 'real' | 'manual';

/** Who is listening, as far as a recording's start depends on it. */
export interface Audience {
  readonly kite: boolean;
  readonly depth200: boolean;
  readonly any: boolean;
}

export interface PumpOptions {
  readonly market: Market;
  readonly listener: MarketListener;
  /** Called when everything of one market instant has been published. */
  readonly flush: () => void;
  /** Most bytes that wait for any one client. */
  readonly waitingBytes: () => number;
  readonly audience: () => Audience;
  readonly speed: Speed;
  readonly clock: ClockMode;
}

/** The market may work this long before sockets and timers get their turn. */
const SLICE_MS = 8;
/** A market that is paced by its readers waits while more than this is under way to one of them. */
const WAITING_BYTES_HIGH = 1024 * 1024;
const WAITING_POLL_MS = 1;
/** A recording whose second audience does not come begins without it. */
const START_WAIT_MS = 10_000;
/** Further behind than this the machine has slept: what lies between is left out rather than sent in a burst. */
const LAG_MAX_MS = 5000;
/** Timers cannot be set further ahead; a closed market is looked at again after this. */
const IDLE_MS = 60_000;

export class Pump {
  speed: Speed;
  clock: ClockMode;
  paused = false;
  /** Whether a recording has been allowed to begin; true from the start for any other market. */
  begun: boolean;
  private stopped = true;
  private timer: NodeJS.Timeout | null = null;
  private immediate: NodeJS.Immediate | null = null;
  /** Market time and process time that belong together, for a speed that is a number. */
  private anchorUs = 0;
  private anchorMs = 0;
  private firstAudienceMs: number | null = null;
  /** Nobody listens to the recording. */
  private unheard = true;

  constructor(private readonly options: PumpOptions) {
    this.speed = options.speed;
    this.clock = options.clock;
    this.begun = options.market.recording === null;
  }

  /** A recording that has been played to its end. */
  get finished(): boolean {
    const { market } = this.options;
    return market.recording !== null && market.loading === null && market.nextUs() === Infinity;
  }

  start(): void {
    this.stopped = false;
    this.anchor();
    this.schedule(0);
  }

  stop(): void {
    this.stopped = true;
    this.cancel();
  }

  setSpeed(speed: Speed): void {
    this.speed = speed;
    this.restart();
  }

  setClock(clock: ClockMode): void {
    this.clock = clock;
    this.restart();
  }

  setPaused(paused: boolean): void {
    this.paused = paused;
    this.restart();
  }

  /** Something changed that the market may have been waiting for. */
  poke(): void {
    if (!this.stopped && this.options.market.recording !== null) this.schedule(0);
  }

  /** Moves a market whose clock is manual by so much market time; resolves when everything is with the sockets. */
  async advance(us: number): Promise<void> {
    const { market } = this.options;
    const until = market.nowUs + us;
    for (;;) {
      if (market.loading !== null) await market.loading;
      if (this.stopped || !this.work(until, 'max')) break;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  private restart(): void {
    this.anchor();
    if (!this.stopped) this.schedule(0);
  }

  private anchor(): void {
    this.anchorUs = this.options.market.nowUs;
    this.anchorMs = performance.now();
  }

  private schedule(ms: number): void {
    this.cancel();
    if (ms <= 0) this.immediate = setImmediate(() => this.turn());
    else this.timer = setTimeout(() => this.turn(), Math.min(ms, IDLE_MS));
  }

  private cancel(): void {
    if (this.timer) clearTimeout(this.timer);
    if (this.immediate) clearImmediate(this.immediate);
    this.timer = null;
    this.immediate = null;
  }

  /** One look at what is due. Decides alone when the next one comes. */
  private turn(): void {
    if (this.stopped || this.paused || this.clock === 'manual') return;
    const { market } = this.options;
    if (market.loading !== null) {
      void market.loading.then(() => {
        if (!this.stopped) this.schedule(0);
      });
      return;
    }
    if (market.recording !== null && !this.mayPlay()) return;
    if (this.isPaced() && this.options.waitingBytes() > WAITING_BYTES_HIGH) {
      this.anchor();
      this.schedule(WAITING_POLL_MS);
      return;
    }
    const more = this.work(this.dueUs(), this.speed);
    if (more) this.schedule(0);
    else if (!this.finished) this.schedule(this.untilNextMs());
  }

  /** Publishes what is due up to `untilUs`, for one slice. True where more is due already. */
  private work(untilUs: number, speed: Speed): boolean {
    const { market, listener, flush } = this.options;
    const end = performance.now() + SLICE_MS;
    for (;;) {
      if (market.loading !== null) return true;
      const next = market.nextUs();
      if (next > untilUs || next === Infinity) {
        // Time passes even where nothing happens, so that quotes made on request say the right time.
        if (untilUs !== Infinity) market.advance(untilUs, listener);
        return false;
      }
      market.advance(next, listener);
      flush();
      if (performance.now() >= end) return true;
      if (speed === 'max' && this.options.waitingBytes() > WAITING_BYTES_HIGH) return true;
    }
  }

  /** A recording plays once both audiences are there, or one has waited long enough, and while anybody listens. */
  private mayPlay(): boolean {
    const { kite, depth200, any } = this.options.audience();
    if (!any) {
      if (!this.unheard) this.passQuietTime();
      this.unheard = true;
      return false;
    }
    if (this.unheard) {
      this.unheard = false;
      this.anchor();
    }
    if (this.begun) return true;
    const now = performance.now();
    this.firstAudienceMs ??= now;
    const waited = now - this.firstAudienceMs;
    if (!(kite && depth200) && waited < START_WAIT_MS) {
      this.schedule(START_WAIT_MS - waited + 1);
      return false;
    }
    this.begun = true;
    this.anchor();
    return true;
  }

  /** A recording that stops because nobody listens goes on from here, also where that is in the middle of a pause. */
  private passQuietTime(): void {
    const { market, listener } = this.options;
    const next = market.nextUs();
    if (next !== Infinity) market.advance(Math.min(this.dueUs(), next - 1), listener);
  }

  /** Waits for its readers, so that nothing is lost to a slow one. */
  private isPaced(): boolean {
    return this.speed === 'max' || this.options.market.recording !== null;
  }

  private dueUs(): number {
    if (this.speed === 'max') return Infinity;
    const elapsedMs = performance.now() - this.anchorMs;
    const due = Math.floor(this.anchorUs + elapsedMs * 1000 * this.speed);
    const { market } = this.options;
    // By what was due, not by what was last: a recording's pause is no lag.
    const lagMs = (due - market.nextUs()) / 1000 / this.speed;
    if (lagMs <= LAG_MAX_MS) return due;
    market.jump?.(due);
    this.anchor();
    return market.nowUs;
  }

  private untilNextMs(): number {
    if (this.speed === 'max') return 0;
    return (this.options.market.nextUs() - this.dueUs()) / 1000 / this.speed;
  }
}
