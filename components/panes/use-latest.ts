'use client';

import { useQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useState } from 'react';
import { fetchLatest, fetchSubscribed, outOfDate } from '../../lib/client/latest.ts';

/** Ticks come once a second; this often they are asked for, ms. */
const LATEST_MS = 2000;

export const useSubscribed = () =>
  useQuery({ queryKey: ['subscribed instruments'], queryFn: ({ signal }) => fetchSubscribed(signal) });

/** A question may hang without an error: an answer says so long how things stand now, ms. */
const ANSWER_HOLDS_MS = 6000;

/** How these instruments stand, kept up to date; what was known stays while the list changes. */
export function useLatest(slugs: readonly string[]) {
  const { data, dataUpdatedAt, isPlaceholderData, error, isPending, refetch } = useQuery({
    queryKey: ['latest', slugs],
    queryFn: ({ signal }) => fetchLatest(slugs, signal),
    enabled: slugs.length > 0,
    refetchInterval: LATEST_MS,
    placeholderData: (before) => before,
  });
  const [isOld, setIsOld] = useState(false);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each answer holds anew
  useEffect(() => {
    // What stands in for an answer is none.
    if (!isPlaceholderData) setIsOld(false);
    const timer = setTimeout(() => setIsOld(true), ANSWER_HOLDS_MS);
    return () => clearTimeout(timer);
  }, [dataUpdatedAt, isPlaceholderData]);
  const known = useMemo(() => (data && isOld ? outOfDate(data) : data), [data, isOld]);
  return { data: known, error, isPending, refetch };
}
