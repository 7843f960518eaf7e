/**
 * Where candles come from: one request at a time to each broker, within its pace, patient with what passes by itself. One
 * source serves everybody in the process, so that its pace is the broker's.
 */
import { BrokerError } from '../../../lib/auth/broker-call.ts';
import { readDhanToken, readKiteToken } from '../../../lib/auth/tokens.ts';
import type { Config } from '../../../lib/config/config.ts';
import type { BrokerProblem } from '../../../lib/core/broker-problems.ts';
import type { Broker } from '../../../lib/core/feeds.ts';
import type { Log } from '../../../lib/obs/log.ts';
import { type Believed, believe, type RawCandle } from './believed.ts';
import { dhanCandles } from './dhan-candles.ts';
import { kiteCandles } from './kite-candles.ts';
import { Pace, type PaceClock, REAL_CLOCK } from './pace.ts';
import type { CandleRequest } from './request.ts';

/**
 * Between the beginnings of two requests, ms. Kite allows 3 a second (kite.trade/docs/connect/v3/exceptions), Dhan 5
 * (dhanhq.co/docs/v2); a little more, as two requests may come closer together on their way.
 */
const SPACING_MS: Readonly<Record<Broker, number>> = { kite: 380, dhan: 230 };
/** After a failure that passes by itself the next attempt waits so long, and twice as long each time, ms. */
const PAUSE_MS = { min: 1000, max: 60_000 };
const ATTEMPTS: Partial<Readonly<Record<BrokerProblem, number>>> = {
  limit: 6,
  broker_error: 4,
  broker_timeout: 4,
  broker_unreachable: 4,
  // Something in between may have answered.
  broker_answer: 3,
};

/** There is no token, or the one there is was refused: nothing can be asked before there is another. */
export class NoToken extends Error {
  override readonly name = 'NoToken';
}

export class CandleSource {
  private readonly paces: Readonly<Record<Broker, Pace>>;
  /** The token that each broker refused last: it is not sent again. */
  private readonly refused = new Map<Broker, string>();

  constructor(
    private readonly config: Config,
    private readonly log: Log,
    clock: PaceClock = REAL_CLOCK,
  ) {
    this.paces = { kite: new Pace(SPACING_MS.kite, clock), dhan: new Pace(SPACING_MS.dhan, clock) };
  }

  /** Whether a request could be made now. */
  hasToken(broker: Broker): boolean {
    const token = this.token(broker);
    return token.text !== null && token.text !== this.refused.get(broker);
  }

  /** @throws BrokerError, NoToken; an AbortError where the signal is given */
  async fetch(broker: Broker, request: CandleRequest, signal: AbortSignal): Promise<Believed> {
    const pace = this.paces[broker];
    for (let attempt = 1; ; attempt += 1) {
      await pace.turn(signal);
      // Read anew each time: it may have been renewed while others were waited for.
      const token = this.token(broker);
      if (token.text === null) throw new NoToken(token.missing);
      if (token.text === this.refused.get(broker)) throw new NoToken(`the token was refused: log in again`);
      try {
        const raw = await this.ask(broker, token.text, request);
        return believe(raw, request.instrument.priceScale, request.timeframe, request);
      } catch (error) {
        if (!(error instanceof BrokerError)) throw error;
        if (error.problem === 'no_data') return { candles: [], refused: 0 };
        if (error.problem === 'token_refused') this.refused.set(broker, token.text);
        if (attempt >= (ATTEMPTS[error.problem] ?? 1)) throw error;
        const pauseMs = Math.min(PAUSE_MS.max, PAUSE_MS.min * 2 ** (attempt - 1));
        this.log.info({ event: 'candles_asked_again', broker, problem: error.problem, status: error.status, pauseMs });
        pace.hold(pauseMs);
      }
    }
  }

  private ask(broker: Broker, token: string, request: CandleRequest): Promise<RawCandle[]> {
    return broker === 'kite' ? kiteCandles(this.config, token, request) : dhanCandles(this.config, token, request);
  }

  private token(broker: Broker): { text: string } | { text: null; missing: string } {
    const { tokenDir, kite } = this.config;
    if (broker === 'kite' && kite.apiKey === '') return { text: null, missing: 'Kite is not configured' };
    const answer = broker === 'kite' ? readKiteToken(tokenDir) : readDhanToken(tokenDir);
    return 'token' in answer ? { text: answer.token.accessToken } : { text: null, missing: answer.missing };
  }
}
