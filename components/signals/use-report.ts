import { useQuery } from '@tanstack/react-query';
import { instantOf } from '../../lib/client/instants.ts';
import { askMarket } from '../../lib/client/market-data.ts';
import type { SignalKind } from '../../lib/signals/signal.ts';
import { REPORT_DAYS } from './report-words.ts';

const DAY_MS = 86_400_000;
/** Outcomes come minute by minute. */
const LOOK_MS = 60_000;

/** The report card of one kind by everything, or of all kinds together. */
export const useReport = (kind: SignalKind | null) =>
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
    refetchInterval: LOOK_MS,
  });
