'use client';

import { useQuery } from '@tanstack/react-query';
import { fetchLatest, fetchSubscribed } from '../../lib/client/latest.ts';

/** Ticks come once a second; this often they are asked for, ms. */
const LATEST_MS = 2000;

export const useSubscribed = () =>
  useQuery({ queryKey: ['subscribed instruments'], queryFn: ({ signal }) => fetchSubscribed(signal) });

/** How these instruments stand, kept up to date; what was known stays while the list changes. */
export const useLatest = (slugs: readonly string[]) =>
  useQuery({
    queryKey: ['latest', slugs],
    queryFn: ({ signal }) => fetchLatest(slugs, signal),
    enabled: slugs.length > 0,
    refetchInterval: LATEST_MS,
    placeholderData: (before) => before,
  });
