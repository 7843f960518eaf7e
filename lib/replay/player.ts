/**
 * Plays entries of the past by a clock of its own: pause, speed, steps, seek. What it does is done one after the other, so
 * that a step or a seek never meets another under way.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ReplayEntry, ReplaySource } from './source.ts';

/** Longest time at a stretch, ms: a replay at 100 times shares its process with live streams. */
const BUDGET_MS = 8;
/** Between two looks at what is due, ms; entries of this time are taken together. */
const LOOK_MS = 20;

export interface PlayerOptions {
  readonly fromUs: number;
  /** Exclusive. */
  readonly toUs: number;
  /** Entries from `fromUs` on, after what leads up to there. */
  open(fromUs: number): ReplaySource;
  /** Takes in one entry. @returns whether it brought something that is shown: a step goes on until one does */
  take(entry: ReplayEntry): boolean;
  /** Everything taken until now is to be forgotten: what comes next leads up to another instant. */
  onReset(): void;
  /** All that leads up to the instant was taken. */
  onReady(): void;
  /** Clock, speed or state have changed other than by time going on. */
  onChange(): void;
  onFailure(error: unknown): void;
  /** Monotonic clock, ms. */
  nowMs(): number;
}

export class ReplayPlayer {
  /** Market time reached, µs. */
  timeUs: number;
  speed = 1;
  playing = false;
  private source: ReplaySource | null = null;
  private batch: readonly ReplayEntry[] = [];
  private at = 0;
  private tail: Promise<void> = Promise.resolve();
  private timer: NodeJS.Timeout | undefined;
  private lookMs = 0;
  private stopped = false;

  constructor(private readonly options: PlayerOptions) {
    this.timeUs = options.fromUs;
  }

  get ended(): boolean {
    return this.timeUs >= this.options.toUs;
  }

  /** Goes to an instant within the interval, and stays there or goes on, as it was. */
  seek(us: number): Promise<void> {
    return this.inTurn(async () => {
      const { options } = this;
      await this.source?.return();
      this.timeUs = Math.min(Math.max(us, options.fromUs), options.toUs);
      this.source = options.open(this.timeUs);
      this.batch = [];
      this.at = 0;
      options.onReset();
      // Up to and without the instant itself.
      while (!(await this.takeUntil(this.timeUs - 1)) && !this.stopped) await nextTurn();
      options.onReady();
      this.lookMs = options.nowMs();
    });
  }

  /** @param speed market seconds in a second, from SPEED_MIN to SPEED_MAX */
  setSpeed(speed: number): Promise<void> {
    return this.inTurn(async () => {
      this.speed = speed;
      this.lookMs = this.options.nowMs();
      this.options.onChange();
    });
  }

  play(playing: boolean): Promise<void> {
    return this.inTurn(async () => {
      this.playing = playing && !this.ended;
      this.lookMs = this.options.nowMs();
      this.options.onChange();
    });
  }

  /** On to the next entry that brings something, and pause there. */
  stepFrame(): Promise<void> {
    return this.inTurn(async () => {
      this.playing = false;
      for (let shown = false; !shown && !this.stopped; ) {
        const entry = await this.peek();
        if (!entry) {
          this.timeUs = this.options.toUs;
          break;
        }
        shown = this.takeOne(entry);
      }
      this.options.onChange();
    });
  }

  /** On by so much market time, and pause there. */
  stepTime(us: number): Promise<void> {
    return this.inTurn(async () => {
      this.playing = false;
      const untilUs = Math.min(this.timeUs + us, this.options.toUs);
      while (!(await this.takeUntil(untilUs)) && !this.stopped) await nextTurn();
      this.timeUs = untilUs;
      this.options.onChange();
    });
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.tail;
    await this.source?.return();
    this.batch = [];
  }

  private inTurn(work: () => Promise<void>): Promise<void> {
    clearTimeout(this.timer);
    const done = this.tail.then(async () => {
      if (!this.stopped) await work();
    });
    this.tail = done.catch((error: unknown) => {
      this.playing = false;
      this.options.onFailure(error);
    });
    return this.tail.then(() => {
      this.schedule(LOOK_MS);
      return done;
    });
  }

  private schedule(waitMs: number): void {
    clearTimeout(this.timer);
    if (!this.playing || this.stopped) return;
    this.timer = setTimeout(() => {
      // What fails is told by onFailure, and ends the playing.
      this.inTurn(() => this.look()).catch(() => undefined);
    }, waitMs);
  }

  /** Takes everything that is due. What is not done within the budget is due at the next look: then the clock goes slower. */
  private async look(): Promise<void> {
    if (!this.playing) return;
    const { options } = this;
    const nowMs = options.nowMs();
    const dueUs = Math.min(this.timeUs + Math.max(0, nowMs - this.lookMs) * 1000 * this.speed, options.toUs);
    this.lookMs = nowMs;
    if (await this.takeUntil(dueUs)) this.timeUs = dueUs;
    if (!this.ended) return;
    this.playing = false;
    options.onChange();
  }

  /** @returns false where the budget was used up before everything was taken */
  private async takeUntil(us: number): Promise<boolean> {
    const startMs = this.options.nowMs();
    for (let entry = await this.peek(); entry && entry.stampUs <= us; entry = await this.peek()) {
      if (this.options.nowMs() - startMs > BUDGET_MS) return false;
      this.takeOne(entry);
    }
    return true;
  }

  private takeOne(entry: ReplayEntry): boolean {
    this.at += 1;
    // What leads up to an instant does not take the clock back.
    this.timeUs = Math.max(this.timeUs, entry.stampUs);
    return this.options.take(entry);
  }

  private async peek(): Promise<ReplayEntry | null> {
    while (this.at >= this.batch.length) {
      const { value } = (await this.source?.next()) ?? { value: undefined };
      if (!value) return null;
      this.batch = value;
      this.at = 0;
    }
    const entry = this.batch[this.at] as ReplayEntry;
    return entry.stampUs < this.options.toUs ? entry : null;
  }
}
