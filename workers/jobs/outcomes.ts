/**
 * What signals were worth, measured as time passes: a signal's own outcome once its feed is stored beyond it, that of its random times
 * once their hour is over. Nothing is measured twice; a run that was cut short goes on where it was.
 */
import { connect } from '../../db/connect.ts';
import { storedUpTo } from '../../db/coverage.ts';
import { gapsBetween } from '../../db/depth.ts';
import {
  type Sample,
  storeDepthStates,
  storeOutcomes,
  touchesAt,
  type Unmeasured,
  unmeasuredSignals,
} from '../../db/outcomes.ts';
import type { MarketHours } from '../../lib/calendar/hours.ts';
import { TradingHours } from '../../lib/calendar/trading-hours.ts';
import type { Config } from '../../lib/config/config.ts';
import type { Exchange } from '../../lib/core/exchange.ts';
import { formatIstDate } from '../../lib/core/ist.ts';
import type { Log } from '../../lib/obs/log.ts';
import { FRESH_US } from '../../lib/signals/detector.ts';
import {
  directionOf,
  HORIZONS_S,
  hourOf,
  measure,
  OUTCOME_US,
  randomTimes,
  type Span,
} from '../../lib/signals/outcome.ts';

const PAGE = 500;
/** A silence is known as a gap so long after it began, at most. */
const SETTLED_US = 30_000_000;
/** Other jobs wait meanwhile: what is not done then is done by the next run. */
const RUN_MS = 20_000;
/** A worker that stood still for longer leaves the predecessor's 10 s rows of that time out. */
const STATES_BACK_US = 3_600_000_000;

export interface OutcomeParts {
  readonly config: Config;
  readonly hours: MarketHours;
  readonly log: Log;
  readonly nowUs: number;
}

/** Measures what is due. */
export async function measureOutcomes({ config, hours, log, nowUs }: OutcomeParts): Promise<void> {
  const untilMs = Date.now() + RUN_MS;
  const client = await connect(config.databaseUrl, 'outcomes');
  try {
    const states = await storeDepthStates(client, nowUs, STATES_BACK_US);
    const positions = await storedUpTo(client);
    let measured = 0;
    let after: Unmeasured | null = null;
    do {
      const page: Unmeasured[] = await unmeasuredSignals(client, after, PAGE);
      for (const signal of page) {
        const session = new TradingHours(hours, signal.exchange as Exchange).sessionOn(formatIstDate(signal.timeUs));
        const [level, times] = dueOf(signal, session, positions.get(signal.feedId) ?? 0);
        if (level === null) continue;
        const samples: Sample[] = [];
        for (const [number, atUs] of times) samples.push(await sampleOf(client, signal, session, number, atUs));
        await storeOutcomes(client, signal.id, level, samples);
        measured += samples.length;
        if (Date.now() > untilMs) break;
      }
      after = page.length < PAGE ? null : (page.at(-1) ?? null);
    } while (after && Date.now() <= untilMs);
    if (measured > 0) log.info({ event: 'outcomes_measured', measured, states });
  } finally {
    await client.end();
  }
}

type Times = (readonly [number: number, atUs: number])[];

/** What of a signal can be measured by now that has not been: how far it is measured then, and the instants by their numbers. */
function dueOf(signal: Unmeasured, session: Span | null, positionUs: number): [1 | 2 | null, Times] {
  const { id, timeUs, measured } = signal;
  const isStored = (untilUs: number): boolean =>
    positionUs >= Math.min(untilUs + OUTCOME_US, Math.max(timeUs, session?.toUs ?? 0)) + SETTLED_US;
  const inSession = session !== null && timeUs >= session.fromUs && timeUs < session.toUs;
  const hour = inSession ? hourOf(timeUs, session) : null;
  const own: Times = measured === 0 ? [[0, timeUs]] : [];
  if (hour === null) return isStored(timeUs) ? [2, own] : [null, []];
  if (isStored(hour.toUs)) return [2, [...own, ...randomTimes(id, hour).map((us, i) => [i + 1, us] as const)]];
  return own.length > 0 && isStored(timeUs) ? [1, own] : [null, []];
}

async function sampleOf(
  client: Awaited<ReturnType<typeof connect>>,
  signal: Unmeasured,
  session: Span | null,
  number: number,
  atUs: number,
): Promise<Sample> {
  const { instrumentId, feedId, frameMs, tickSize } = signal;
  const instants = [atUs, ...HORIZONS_S.map((seconds) => atUs + seconds * 1_000_000)];
  const gaps = await gapsBetween(client, instrumentId, feedId, atUs, atUs + OUTCOME_US);
  // As the detectors have it: of a slow feed a side stands for two and a half frames.
  const touches = await touchesAt(client, signal, instants, Math.max(FRESH_US, 2500 * frameMs));
  const moment = { atUs, direction: directionOf(signal), tickSize, session, gaps, touches };
  return { number, moment, outcome: measure(moment) };
}
