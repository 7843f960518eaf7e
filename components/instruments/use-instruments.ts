'use client';

import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { fetchInstruments } from '../../lib/client/instruments.ts';

/** After the last keystroke, ms: a word is one question, not five. */
const SETTLE_MS = 120;

/** Instruments that match, or the subscribed ones for an empty search. While a new list comes, the old one stays. */
export function useInstruments(search: string) {
  const settled = useSettled(search.trim());
  return useQuery({
    queryKey: ['instruments', settled],
    queryFn: ({ signal }) => fetchInstruments(settled, signal),
    placeholderData: keepPreviousData,
  });
}

function useSettled(value: string): string {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), SETTLE_MS);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}
