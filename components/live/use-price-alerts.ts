'use client';

import { useEffect, useMemo, useState } from 'react';
import { priceAlertsOf } from '../../lib/client/price-alerts.ts';
import { asProblem } from '../../lib/client/problem.ts';
import { deleteRule } from '../../lib/client/rules.ts';
import type { SessionHost } from '../../lib/client/session-host.ts';
import type { PriceAlert } from '../../lib/heatmap/price-alerts.ts';
import { useRuleChange, useRules } from '../alerts/use-rules.ts';
import { useMe } from '../shell/use-me.ts';

export interface PriceAlerts {
  readonly list: readonly PriceAlert[];
  /** Why they are not known, or the last one could not be deleted. */
  readonly fault: string | null;
  /** The caller may delete them. */
  readonly mayChange: boolean;
  readonly busy: boolean;
  /** The one that was clicked; null: none. */
  readonly chosen: PriceAlert | null;
  choose(alert: PriceAlert | null): void;
  remove(id: number): void;
}

const NONE: readonly PriceAlert[] = [];

/** Rules on the price of an instrument: kept by the server, drawn by the session. */
export function usePriceAlerts(slug: string, session: SessionHost | null): PriceAlerts {
  const { data, error } = useRules();
  const mayChange = useMe()?.role === 'owner';
  const [chosenId, setChosenId] = useState<number | null>(null);
  const { change, busy, problem } = useRuleChange(deleteRule);
  const list = useMemo(() => (data ? priceAlertsOf(data.rules, slug) : NONE), [data, slug]);
  useEffect(() => session?.post({ type: 'alerts', alerts: list }), [session, list]);
  return {
    list,
    fault: problem?.detail ?? (error && !data ? asProblem(error).detail : null),
    mayChange,
    busy,
    chosen: list.find(({ id }) => id === chosenId) ?? null,
    choose: (alert) => setChosenId(alert?.id ?? null),
    remove: change,
  };
}
