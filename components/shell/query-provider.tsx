'use client';

import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { ServerProblem } from '../../lib/client/problem.ts';

/** Lists change with the exchanges' masters, once a day, and with subscriptions: ms. */
const FRESH_MS = 60_000;
const RETRIES_MAX = 2;

/** A paused question keeps what is shown and says nothing: what cannot be reached must fail. Our server may also be on this machine. */
const networkMode = 'always';

export const makeClient = (): QueryClient =>
  new QueryClient({
    defaultOptions: {
      mutations: { networkMode },
      queries: {
        networkMode,
        refetchOnReconnect: true,
        staleTime: FRESH_MS,
        // What the server has refused it will refuse again.
        retry: (failures, error) =>
          failures < RETRIES_MAX && !(error instanceof ServerProblem && error.status >= 400 && error.status < 500),
      },
    },
  });

export function QueryProvider({ children }: { children: ReactNode }) {
  const [client] = useState(makeClient);
  return <QueryClientProvider client={client}>{children}</QueryClientProvider>;
}
