'use client';

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { asProblem } from '../../lib/client/problem.ts';
import { fetchAlertLog, fetchRules } from '../../lib/client/rules.ts';

const RULES = ['rules'];
const ALERTS = ['alerts'];
const RULES_MS = 10_000;
const ALERTS_MS = 3000;

export const useRules = () => useQuery({ queryKey: RULES, queryFn: fetchRules, refetchInterval: RULES_MS });

/** What rules have told, the newest first. */
export const useAlertLog = () => useQuery({ queryKey: ALERTS, queryFn: fetchAlertLog, refetchInterval: ALERTS_MS });

/** Does something to the rules, then asks for them and for the alerts again. */
export function useRuleChange<Input>(act: (input: Input) => Promise<unknown>) {
  const client = useQueryClient();
  const mutation = useMutation({
    mutationFn: act,
    onSettled: () =>
      Promise.all([RULES, ALERTS].map((queryKey) => client.invalidateQueries({ queryKey, refetchType: 'active' }))),
  });
  const problem = mutation.error ? asProblem(mutation.error) : null;
  return { change: mutation.mutate, busy: mutation.isPending, problem };
}
