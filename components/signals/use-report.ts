import { useQuery } from '@tanstack/react-query';
import type { ToldSignal } from '../../lib/api/signals.ts';
import { instantOf } from '../../lib/client/instants.ts';
import { askMarket } from '../../lib/client/market-data.ts';
import type { SignalKind } from '../../lib/signals/signal.ts';
import { REPORT_DAYS, type ReportGroup, worthOf } from './report-words.ts';

const DAY_MS = 86_400_000;
/** Outcomes come minute by minute. */
const LOOK_MS = 60_000;

/** The same where it only stands beside something else. */
const GLANCE_MS = 10 * LOOK_MS;

/** What signals like one were worth; null while that is not known. */
export function useWorth(): (signal: ToldSignal) => ReportGroup | null {
  const { data } = useReport(null, GLANCE_MS);
  return (signal) => (data ? worthOf(data, signal) : null);
}

/** The report card of one kind by everything, or of all kinds together. */
export const useReport = (kind: SignalKind | null, refetchInterval = LOOK_MS) =>
  useQuery({
    queryKey: ['signal-report', kind],
    queryFn: ({ signal }) => {
      const nowMs = Date.now();
      return askMarket(
        '/api/signals/report',
        {
          from: instantOf((nowMs - REPORT_DAYS * DAY_MS) * 1000),
          to: instantOf(nowMs * 1000),
          kinds: kind ?? undefined,
          by: kind === null ? 'all' : 'everything',
        },
        { signal },
      );
    },
    refetchInterval,
    staleTime: LOOK_MS,
  });
