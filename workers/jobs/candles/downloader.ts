/**
 * Works off what was asked for of the brokers' historical candles: request by request, each stored together with how far the
 * download has come, so that it goes on there after whatever end. One jobs worker at a time does it, under an advisory lock.
 *
 * No job of the queue, whose one place a long download would hold for hours.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { type Download, nextDownload, storeProgress, storeSetback, storeWaiting } from '../../../db/candles.ts';
import { type Client, connect } from '../../../db/connect.ts';
import { instrumentsOf } from '../../../db/instruments.ts';
import { BrokerError } from '../../../lib/auth/broker-call.ts';
import type { Config } from '../../../lib/config/config.ts';
import { BROKER_NAMES, type BrokerProblem, problemWords } from '../../../lib/core/broker-problems.ts';
import { REQUEST_DAYS, requestEnd } from '../../../lib/core/candles.ts';
import type { Broker } from '../../../lib/core/feeds.ts';
import type { Log } from '../../../lib/obs/log.ts';
import { isAlone } from '../alone.ts';
import { type CandleSource, NoToken } from './candle-source.ts';

const BROKERS: readonly Broker[] = ['kite', 'dhan'];
const LOOK_MS = 500;
const RETRY_MS = 2000;
/** What passes by itself, but has not within the patience of a request, is tried again after this. */
const LATER_S = 300;
/** What will be answered the same tomorrow. */
const FINAL: ReadonlySet<BrokerProblem> = new Set(['request_refused', 'broker_answer']);

/** Works off what there is until the returned function is called. */
export function keepCandles(config: Config, source: CandleSource, log: Log): () => Promise<void> {
  const aborter = new AbortController();
  const loop = run(config, source, log, aborter.signal);
  return async () => {
    aborter.abort();
    await loop;
  };
}

async function run(config: Config, source: CandleSource, log: Log, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    let client: Client | null = null;
    try {
      client = await connect(config.databaseDirectUrl, 'candles');
      if (await isAlone(client, 'candles')) {
        const downloader = new Downloader(client, source, log);
        while (!signal.aborted) {
          if (!(await downloader.step(signal))) await pause(LOOK_MS, signal);
        }
      }
    } catch (error) {
      if (!signal.aborted) {
        log.warn({ event: 'candles_failed', reason: error instanceof Error ? error.message : String(error) });
      }
    }
    await client?.end().catch((error: Error) => log.debug({ event: 'candles_end_failed', reason: error.message }));
    await pause(RETRY_MS, signal);
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await delay(ms, undefined, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

export class Downloader {
  constructor(
    private readonly client: Client,
    private readonly source: CandleSource,
    private readonly log: Log,
  ) {}

  /** Makes the next request there is to make, and stores what it brought. @returns false where there is none */
  async step(signal: AbortSignal): Promise<boolean> {
    const ready = BROKERS.filter((broker) => this.source.hasToken(broker));
    const others = BROKERS.filter((broker) => !ready.includes(broker));
    for (const broker of others) {
      await storeWaiting(this.client, [broker], `Waits for a login to ${BROKER_NAMES[broker]}.`);
    }
    const download = await nextDownload(this.client, ready);
    if (!download) return false;
    await this.request(download, signal);
    return true;
  }

  private async request(download: Download, signal: AbortSignal): Promise<void> {
    const { id, source, timeframe, instrumentId, doneToUs, toUs } = download;
    const [instrument] = await instrumentsOf(this.client, [instrumentId]);
    const days = REQUEST_DAYS[source][timeframe];
    const number = source === 'kite' ? instrument?.kiteToken : instrument?.dhanSecurityId;
    // Between the asking and now its number may have passed to another instrument.
    if (!instrument || number === null || days === undefined) {
      await storeSetback(this.client, id, `${BROKER_NAMES[source]} does not list this instrument any more.`, null);
      return;
    }
    const endUs = requestEnd(doneToUs, toUs, days);
    try {
      const answer = await this.source.fetch(source, { instrument, timeframe, fromUs: doneToUs, toUs: endUs }, signal);
      await storeProgress(this.client, download, answer, endUs);
      if (answer.refused > 0) {
        this.log.warn({ event: 'candles_refused', source, instrument: download.instrument, count: answer.refused });
      }
    } catch (error) {
      if (error instanceof NoToken) {
        await storeWaiting(this.client, [source], `Waits for a login to ${BROKER_NAMES[source]}: ${error.message}.`);
      } else if (error instanceof BrokerError) {
        this.log.warn({ event: 'candles_not_had', source, instrument: download.instrument, problem: error.problem });
        // A refused token is no fault of the download: it goes on after the login.
        const dueInS = FINAL.has(error.problem) ? null : error.problem === 'token_refused' ? 0 : LATER_S;
        await storeSetback(this.client, id, problemWords(source, error.problem).happened, dueInS);
      } else throw error;
    }
  }
}
