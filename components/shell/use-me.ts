'use client';

import { useQuery } from '@tanstack/react-query';
import { ask } from '../../lib/client/api.ts';

export interface Me {
  readonly via: 'session' | 'key' | 'demo';
  readonly name: string;
  readonly role: 'owner' | 'viewer';
  readonly simulated: boolean;
}

/** Who is looking; undefined until it is known, or where nobody is. */
export const useMe = (): Me | undefined =>
  useQuery({ queryKey: ['me'], queryFn: () => ask<Me>('/api/me'), staleTime: 0 }).data;
