/** How the subscribed instruments stand now, by their newest stored ticks. */
import type { Answer } from '../api/operations.ts';
import type { InstrumentSummary } from '../core/instrument.ts';
import { askMarket } from './market-data.ts';

type Answered = Answer<'/api/instruments/latest'>['instruments'][number];

export type Latest = Omit<Answered, 'state'> & {
  /** `old`: how it stands now is not known, since no answer comes. */
  readonly state: Answered['state'] | 'old';
};

/** What a request can ask for. */
const SUBSCRIBED_MAX = 500;
const LATEST_MAX = 200;

/** All that are subscribed. @throws ServerProblem */
export const fetchSubscribed = async (signal: AbortSignal): Promise<readonly InstrumentSummary[]> =>
  (await askMarket('/api/instruments', { subscribed: '1', limit: SUBSCRIBED_MAX }, { signal })).instruments;

/** By slug; asked for in as many requests as it takes. @throws ServerProblem */
export async function fetchLatest(slugs: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, Latest>> {
  const parts: string[][] = [];
  for (let at = 0; at < slugs.length; at += LATEST_MAX) parts.push(slugs.slice(at, at + LATEST_MAX));
  const answers = await Promise.all(
    parts.map((part) => askMarket('/api/instruments/latest', { instruments: part.join(',') }, { signal })),
  );
  return new Map(answers.flatMap(({ instruments }) => instruments).map((each) => [each.instrument, each]));
}

/** What is known, where no answer has come for too long. */
export const outOfDate = (known: ReadonlyMap<string, Latest>): ReadonlyMap<string, Latest> =>
  new Map([...known].map(([slug, now]) => [slug, { ...now, state: 'old' }]));
