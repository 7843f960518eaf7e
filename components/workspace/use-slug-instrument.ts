'use client';

import { useQuery } from '@tanstack/react-query';
import { fetchInstruments } from '../../lib/client/instruments.ts';
import { type InstrumentSummary, parseSlug } from '../../lib/core/instrument.ts';

/** The instrument of a slug: data is null where there is none. Nothing is asked without one. */
export const useSlugInstrument = (slug: string | null) =>
  useQuery({
    queryKey: ['instrument', slug],
    enabled: slug !== null,
    queryFn: async ({ signal }): Promise<InstrumentSummary | null> => {
      const symbol = parseSlug(slug ?? '')?.symbol ?? '';
      const found = await fetchInstruments(symbol, signal);
      return found.find((each) => each.slug === slug) ?? null;
    },
  });
