'use client';

import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { ask } from '../../lib/client/api.ts';
import type { ExportSummary } from '../../lib/core/exports.ts';

export interface ExportList {
  readonly exports: readonly ExportSummary[];
  /** Days after which files are deleted; 0: never. */
  readonly keepDays: number;
}

export const EXPORTS_KEY = ['exports'];

/** The exports, kept up by the server's events as long as it is reached. */
export function useExports() {
  const client = useQueryClient();
  const query = useQuery({ queryKey: EXPORTS_KEY, queryFn: () => ask<ExportList>('/api/exports') });
  const isThere = query.isSuccess;
  useEffect(() => {
    if (!isThere) return;
    const events = new EventSource('/api/exports/stream');
    events.addEventListener('exports', (event) => {
      client.setQueryData(EXPORTS_KEY, JSON.parse((event as MessageEvent<string>).data) as ExportList);
    });
    events.addEventListener('auth', () => {
      events.close();
      void client.invalidateQueries({ queryKey: EXPORTS_KEY });
    });
    return () => events.close();
  }, [client, isThere]);
  return query;
}
