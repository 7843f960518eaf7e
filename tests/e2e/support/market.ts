/** The simulated exchange of an instance: told to misbehave, and brought back to order before each test. */
import { expect } from '@playwright/test';
import { readDhanToken } from '../../../lib/auth/tokens.ts';
import { loadConfig } from '../../../lib/config/config.ts';
import { FEED_LIMITS } from '../../../lib/core/feeds.ts';
import { simulatedVariables, writeDemoTokens } from '../../../scripts/instance/market.ts';
import { LOGIN_CALLS } from '../../../simulator/call-failures.ts';
import { DEMO, DEMO_DHAN_TOKEN } from '../../../simulator/tokens.ts';
import type { Instance } from '../../support/instance.ts';

/** Long enough that no test outlives it; a fault is ended by `calm`, or by the test. */
const TIMES_FOR_EVER = 1_000_000;
/** After a cut or a restart the feeds are back within this, ms. */
const CALM_WITHIN_MS = 40_000;
/** Feeds that give books, as the exchange names them, deepest first. */
const FEEDS = ['dhan-depth200', 'dhan-depth20', 'kite'] as const;
/** Sides of 200-level books that the exchange sends: one instrument to a slot. */
const SIDES = 2 * FEED_LIMITS.depth200.slots;

export type SideName = 'bid' | 'ask';

/** An instrument as the exchange lists it. */
interface Listed {
  readonly slug: string;
  readonly type: string;
}

export class Market {
  constructor(private readonly instance: Instance) {}

  /** Ends whatever an earlier test has done, and waits until every 200-level book is being recorded. */
  async calm(): Promise<void> {
    const { instance } = this;
    await instance.control('clear');
    await this.restoreLogins();
    await this.restoreFeeds();
    await instance.control('clock', { mode: 'real' });
    await instance.control('rate', {});
    const { instruments } = await instance.exchange<{ instruments: Listed[] }>('/market');
    for (const { slug, type } of instruments) {
      if (type !== 'INDEX') await instance.control('flow', { instrument: slug, flowing: true });
    }
    await expect
      .poll(() => this.sidesRecorded(), { timeout: CALM_WITHIN_MS, message: 'sides of 200-level books being recorded' })
      .toBe(SIDES);
  }

  /** Cuts every feed, since a shallower one would take the place of a deeper, and refuses their return. */
  async cutFeeds(): Promise<void> {
    for (const feed of FEEDS) await this.instance.control('refuse', { feed, status: 503, times: TIMES_FOR_EVER });
    for (const feed of FEEDS) await this.instance.control('cut', { feed });
  }

  /** Cuts the 200-level feeds only, and refuses their return: the 20-level feed goes on. */
  async cutDeepest(): Promise<void> {
    await this.instance.control('refuse', { feed: 'dhan-depth200', status: 503, times: TIMES_FOR_EVER });
    await this.instance.control('cut', { feed: 'dhan-depth200' });
  }

  /** Lets the feeds come back. */
  async restoreFeeds(): Promise<void> {
    for (const feed of FEEDS) await this.instance.control('refuse', { feed, status: 503, times: 0 });
  }

  /** Makes a call of a broker's login fail (simulator/call-failures.ts). */
  async failCall(call: string, as: string): Promise<void> {
    await this.instance.control('fail', { call, as });
  }

  /** Ends every token of the account. */
  async revoke(broker: 'kite' | 'dhan'): Promise<void> {
    await this.instance.control('revoke', { broker });
  }

  /** Somebody logs in to the account elsewhere, which ends our token. */
  async loginElsewhere(broker: 'kite' | 'dhan'): Promise<void> {
    await this.instance.control('settings', { kiteSecondLogin: 'new' });
    await this.instance.control('elsewhere', { broker });
  }

  /** Lets logins go through again, and gives the collectors tokens that are accepted where theirs are not. */
  private async restoreLogins(): Promise<void> {
    const { instance } = this;
    for (const call of LOGIN_CALLS) await instance.control('fail', { call, as: 'token', times: 0 });
    await instance.control('settings', { kiteSecondLogin: 'same' });
    await instance.control('token', { broker: 'kite', action: 'accept', access_token: DEMO.kite.accessToken });
    const { address } = await instance.exchange<{ address: string }>('/');
    const { tokenDir } = loadConfig(simulatedVariables(instance.dataDir, Number(new URL(address).port)));
    const answer = readDhanToken(tokenDir);
    const kept = 'token' in answer ? answer.token.accessToken : DEMO_DHAN_TOKEN;
    await instance.control('token', { broker: 'dhan', action: 'accept', access_token: kept });
    await instance.control('token', { broker: 'dhan', action: 'accept', access_token: DEMO_DHAN_TOKEN });
    await writeDemoTokens(instance.dataDir, address);
  }

  /** Keeps the frames of one side of an instrument's 200-level book back. */
  async muteSide(slug: string, side: SideName): Promise<void> {
    await this.instance.control('mute', { feed: 'dhan-depth200', instrument: slug, kind: side });
  }

  /** Lets everything that was muted speak again. */
  async unmute(): Promise<void> {
    await this.instance.control('clear');
  }

  /** Stops an instrument's order flow; its book goes on being sent as it stands. */
  async freeze(slug: string): Promise<void> {
    await this.instance.control('flow', { instrument: slug, flowing: false });
  }

  /** Sends an instrument's book so many times a second. */
  async pace(slug: string, booksPerSecond: number): Promise<void> {
    await this.instance.control('rate', { instrument: slug, frames_per_second: 2 * booksPerSecond });
  }

  /** Sends so many ticks of an instrument a second, whether it trades or not. */
  async tickRate(slug: string, ticksPerSecond: number): Promise<void> {
    await this.instance.control('rate', { instrument: slug, ticks_per_second: ticksPerSecond });
  }

  /** Time stands still, and moves only by `advance`. */
  async stopClock(): Promise<void> {
    await this.instance.control('clock', { mode: 'manual' });
  }

  async advance(ms: number): Promise<void> {
    await this.instance.control('advance', { ms });
  }

  /** A limit order. Price units, units. */
  async order(slug: string, side: SideName, price: number, quantity: number): Promise<void> {
    await this.instance.control('order', { instrument: slug, side, price, quantity });
  }

  private async sidesRecorded(): Promise<number> {
    const [row] = await this.instance.sql<{ sides: number }>(
      `SELECT count(*)::integer AS sides
       FROM gehra.subscriptions AS s JOIN gehra.feeds AS feed USING (feed_id) CROSS JOIN (VALUES (0), (1)) AS side (number)
       WHERE feed.kind = 'depth200' AND EXISTS (
         SELECT FROM gehra.depth_snapshots AS d
         WHERE d.instrument_id = s.instrument_id AND d.side = side.number AND d.feed_id = s.feed_id
           AND d.book_time > now() - interval '1500 ms')`,
    );
    return row?.sides ?? 0;
  }
}
