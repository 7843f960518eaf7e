/** Report cards: what signals were worth, against random times. */
import { type OutcomeGroup, outcomeGroups, type Spread } from '../../db/outcomes.ts';
import type { Answer, Query } from '../api/operations.ts';
import { GROUPINGS } from '../api/signals.ts';
import { difference, FAMILY_ERROR, HOURS_LEAST, holm, verdictOf, wilson } from '../signals/report-card.ts';
import type { Caller } from './access.ts';
import { knownInstruments, mustBeWithin } from './asked-flow.ts';
import { services } from './context.ts';
import { summariesOf } from './instruments.ts';
import { inIst } from './times.ts';

const MOST_US = 92 * 86_400_000_000;

type ReportAnswer = Answer<'/api/signals/report'>;

/** @throws RequestError 404, 422 */
export async function signalReport(caller: Caller, query: Query<'/api/signals/report'>): Promise<ReportAnswer> {
  mustBeWithin(query, MOST_US, 'At most 92 days a request.');
  const { from, to, kinds, detectors } = query;
  const asked = query.instruments ? await knownInstruments(caller, query.instruments) : null;
  const wanted = query.by === 'all' ? (['all'] as const) : GROUPINGS;
  const found = await Promise.all(
    wanted.map(async (by) => {
      const groups = await outcomeGroups(services().db, by, {
        fromUs: from,
        toUs: to,
        instrumentIds: asked?.map(({ id }) => id) ?? null,
        kinds: kinds ?? null,
        detectors,
      });
      return groups.map((group) => ({ by, ...group }));
    }),
  );
  return { from: inIst(from), to: inIst(to), ...(await reportOf(caller, found.flat())) };
}

/** What may be said of some groups that are shown together. */
export async function reportOf(
  caller: Caller,
  groups: readonly (OutcomeGroup & { readonly by: (typeof GROUPINGS)[number] })[],
): Promise<Omit<ReportAnswer, 'from' | 'to'>> {
  const differences = groups.map(({ sums }) => difference(sums));
  const adjusted = holm(differences.map((one) => one?.p ?? null));
  const ids = groups.filter(({ by }) => by === 'instrument').map(({ key }) => Number(key));
  const slugs = new Map((await summariesOf(caller, [...new Set(ids)])).map(({ id, slug }) => [String(id), slug]));
  return {
    comparisons: differences.filter((one) => one !== null).length,
    familyError: FAMILY_ERROR,
    hoursLeast: HOURS_LEAST,
    groups: groups.map((group, i) => {
      const one = differences[i] ?? null;
      const pAdjusted = adjusted[i] ?? null;
      return {
        by: group.by,
        kind: group.kind,
        detectors: group.of,
        key: group.by === 'instrument' ? (slugs.get(group.key) ?? group.key) : group.key,
        horizonS: group.horizonS,
        signals: spreadAnswer(group.signals),
        random: spreadAnswer(group.random),
        missing: group.missing,
        hours: group.sums.hours,
        difference:
          one === null || pAdjusted === null
            ? null
            : { meanBps: one.mean, lowBps: one.low, highBps: one.high, p: one.p, pAdjusted },
        verdict: verdictOf(pAdjusted),
      };
    }),
  };
}

function spreadAnswer({ hits, ...rest }: Spread): ReportAnswer['groups'][number]['signals'] {
  const [hitLow, hitHigh] = wilson(hits, rest.n);
  return { ...rest, hitRate: rest.n === 0 ? null : hits / rest.n, hitLow, hitHigh };
}
