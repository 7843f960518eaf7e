'use client';

import { useQueryClient } from '@tanstack/react-query';
import { useMemo } from 'react';
import { type AskMarket, askMarket } from '../../../lib/client/market-data.ts';

/** Two panes of an instrument ask for the same bars at about the same time: they are asked for once. */
const SHARED_MS = 5_000;

/** Asks the market data API by way of the page's cache. */
export function useAskMarket(): AskMarket {
  const client = useQueryClient();
  return useMemo<AskMarket>(
    () => (path, query) =>
      client.fetchQuery({
        queryKey: [path, query],
        queryFn: ({ signal }) => askMarket(path, query, { signal }),
        staleTime: SHARED_MS,
        gcTime: SHARED_MS,
      }),
    [client],
  );
}
