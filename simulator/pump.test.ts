/** When the market moves, and when a recording waits: against a market that only counts, under a clock of our own. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SideLevels } from '../lib/core/side.ts';
import { Quote } from '../lib/recordings/quote.ts';
import type { Market } from './market/market.ts';
import { Pump, type PumpOptions } from './pump.ts';

const START_US = 1_000_000_000;
const EVERY_US = 100_000;

/** Something happens every 100 ms, or as often as is said, so many times. */
class CountingMarket implements Market {
  readonly name = 'counting';
  readonly instruments = [];
  readonly loading = null;
  readonly recording: Market['recording'];
  nowUs = START_US;
  played = 0;
  jumped = 0;

  constructor(
    recorded: boolean,
    private readonly events = Infinity,
    private readonly everyUs = EVERY_US,
  ) {
    this.recording = recorded ? { unit: 'µs', now: () => this.nowUs, parse: Number } : null;
    if (!recorded) this.jump = (us) => this.jumpTo(us);
  }

  jump?: (us: number) => void;

  private jumpTo(us: number): void {
    this.jumped += 1;
    this.nowUs = us;
    this.firstUs = us - this.played * this.everyUs;
  }

  private firstUs = START_US;

  nextUs(): number {
    return this.played < this.events ? this.firstUs + (this.played + 1) * this.everyUs : Infinity;
  }

  advance(untilUs: number): void {
    while (this.nextUs() <= untilUs) {
      this.nowUs = this.nextUs();
      this.played += 1;
    }
    this.nowUs = Math.max(this.nowUs, Math.min(untilUs, this.played < this.events ? untilUs : this.nowUs));
  }

  levels(): SideLevels {
    return new SideLevels();
  }

  quote(): Quote {
    return new Quote();
  }

  published(): boolean {
    return true;
  }

  async close(): Promise<void> {
    // Nothing is open.
  }
}

interface Setting {
  readonly market: CountingMarket;
  readonly pump: Pump;
  waiting: number;
  audience: { kite: boolean; depth200: boolean; any: boolean };
}

const pumps: Pump[] = [];

function setting(market: CountingMarket, options: Partial<PumpOptions> = {}): Setting {
  const made: { -readonly [K in keyof Setting]: Setting[K] } = {
    market,
    waiting: 0,
    audience: { kite: false, depth200: false, any: false },
    pump: new Pump({
      market,
      listener: { book: () => undefined, tick: () => undefined },
      flush: () => undefined,
      waitingBytes: () => made.waiting,
      audience: () => made.audience,
      speed: 1,
      clock: 'real',
      ...options,
    }),
  };
  pumps.push(made.pump);
  return made;
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setImmediate', 'clearImmediate', 'performance'] });
});

afterEach(() => {
  for (const pump of pumps.splice(0)) pump.stop();
  vi.useRealTimers();
});

const pass = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

describe('a made-up market', () => {
  it('moves with the clock, at any speed', async () => {
    const { market, pump } = setting(new CountingMarket(false));
    pump.start();
    await pass(1000);
    expect(market.played).toBe(10);
    pump.setSpeed(10);
    await pass(1000);
    expect(market.played).toBe(110);
    pump.setSpeed(0.1);
    await pass(10_000);
    expect(market.played).toBe(120);
  });

  it('pauses, and does not make up for the pause', async () => {
    const { market, pump } = setting(new CountingMarket(false));
    pump.start();
    await pass(500);
    pump.setPaused(true);
    await pass(5000);
    expect(market.played).toBe(5);
    pump.setPaused(false);
    await pass(500);
    expect(market.played).toBe(10);
  });

  it('moves only by hand where the clock is manual', async () => {
    const { market, pump } = setting(new CountingMarket(false), { clock: 'manual' });
    pump.start();
    await pass(5000);
    expect(market.played).toBe(0);
    await pump.advance(250_000);
    expect(market.played).toBe(2);
    expect(market.nowUs).toBe(START_US + 250_000);
    pump.setClock('real');
    await pass(100);
    expect(market.played).toBe(3);
  });

  it('does not wait for slow readers, unless it goes as fast as it can', async () => {
    const made = setting(new CountingMarket(false));
    made.waiting = 100 * 1024 * 1024;
    made.pump.start();
    await pass(1000);
    expect(made.market.played).toBe(10);
    made.pump.setSpeed('max');
    await pass(1000);
    expect(made.market.played).toBe(10);
    expect(made.pump.finished).toBe(false);
  });

  it('leaves out what a sleeping machine missed', async () => {
    const { market, pump } = setting(new CountingMarket(false));
    pump.start();
    await pass(1000);
    // The process is stopped for an hour: the clock goes on, no timer runs.
    const now = performance.now();
    vi.spyOn(performance, 'now').mockReturnValue(now + 3_600_000);
    await pass(200);
    expect(market.jumped).toBe(1);
    expect(market.played).toBeLessThan(20);
    vi.restoreAllMocks();
  });
});

describe('a recording', () => {
  it('begins when both audiences are there', async () => {
    const made = setting(new CountingMarket(true, 50));
    made.pump.start();
    await pass(20_000);
    expect(made.pump.begun).toBe(false);
    made.audience = { kite: true, depth200: false, any: true };
    made.pump.poke();
    await pass(5000);
    expect(made.market.played).toBe(0);
    made.audience = { kite: true, depth200: true, any: true };
    made.pump.poke();
    await pass(1000);
    expect(made.pump.begun).toBe(true);
    expect(made.market.played).toBe(10);
  });

  it('begins ten seconds after the first audience where the second does not come', async () => {
    const made = setting(new CountingMarket(true, 50));
    made.pump.start();
    made.audience = { kite: false, depth200: true, any: true };
    made.pump.poke();
    await pass(9900);
    expect(made.market.played).toBe(0);
    await pass(1150);
    expect(made.market.played).toBe(10);
  });

  it('pauses while nobody listens, and goes on where it was', async () => {
    const made = setting(new CountingMarket(true, 50));
    made.audience = { kite: true, depth200: true, any: true };
    made.pump.start();
    await pass(1000);
    made.audience = { kite: false, depth200: false, any: false };
    made.pump.poke();
    // Short enough that the machine cannot have slept, long enough to be seen.
    await pass(3000);
    expect(made.market.played).toBe(10);
    made.audience = { kite: true, depth200: false, any: true };
    made.pump.poke();
    await pass(1000);
    expect(made.market.played).toBe(20);
  });

  it('goes through its own pauses, however long they are', async () => {
    // Five minutes from one event to the next: a quarter of a minute at this speed.
    const made = setting(new CountingMarket(true, 50, 300_000_000), { speed: 20 });
    made.audience = { kite: true, depth200: true, any: true };
    made.pump.start();
    await pass(15_100);
    expect(made.market.played).toBe(1);
    await pass(30_000);
    expect(made.market.played).toBe(3);
  });

  it('goes on in the middle of a pause where everybody was gone for a moment', async () => {
    const made = setting(new CountingMarket(true, 50, 300_000_000), { speed: 20 });
    const listen = (any: boolean): void => {
      made.audience = { kite: any, depth200: any, any };
      made.pump.poke();
    };
    listen(true);
    made.pump.start();
    // Feeds that hear nothing connect anew.
    for (let second = 0; second < 16; second += 4) {
      await pass(4000);
      listen(false);
      await pass(10);
      listen(true);
    }
    expect(made.market.played).toBe(1);
  });

  it('waits for slow readers at any speed, and loses nothing', async () => {
    const made = setting(new CountingMarket(true, 50), { speed: 'max' });
    made.audience = { kite: true, depth200: true, any: true };
    made.waiting = 2 * 1024 * 1024;
    made.pump.start();
    await pass(1000);
    expect(made.market.played).toBe(0);
    made.waiting = 0;
    await pass(10);
    expect(made.market.played).toBe(50);
    expect(made.pump.finished).toBe(true);
  });
});
