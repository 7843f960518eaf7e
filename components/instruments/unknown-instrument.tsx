'use client';

import { useQuery } from '@tanstack/react-query';
import { useParams } from 'next/navigation';
import { fetchInstruments } from '../../lib/client/instruments.ts';
import { InstrumentFinder } from './instrument-finder.tsx';

/** What is said of an address that names no instrument: what was asked for, and what comes near to it. */
export function UnknownInstrument() {
  const { instrument } = useParams<{ instrument?: string }>();
  const asked = decoded(instrument ?? '');
  const nearest = useNearest(asked);
  return (
    <main className="mx-auto w-full max-w-4xl px-4 py-6">
      <h1 className="text-lg font-semibold">There is no instrument “{asked}”</h1>
      <p className="mt-1 mb-4 text-muted">
        Names look like NFO:NIFTY26DECFUT: exchange and symbol. These come nearest; or search for another.
      </p>
      <InstrumentFinder key={nearest} initialSearch={nearest} takesKey />
    </main>
  );
}

/** Shorter beginnings than this are no longer what was asked for. */
const NEAR_CHARACTERS_MIN = 3;

/** A search that finds what comes nearest: the longest beginning of the symbol's name that anything matches. */
function useNearest(asked: string): string {
  const name = nameOf(asked);
  const { data } = useQuery({
    queryKey: ['nearest instrument', name],
    queryFn: async ({ signal }) => {
      for (let length = name.length; length >= NEAR_CHARACTERS_MIN; length -= 1) {
        const beginning = name.slice(0, length);
        if ((await fetchInstruments(beginning, signal)).length > 0) return beginning;
      }
      return name;
    },
  });
  return data ?? name;
}

/** The beginning of the symbol that is all letters: an expired contract's successors begin with it. */
function nameOf(asked: string): string {
  const symbol = asked.slice(asked.indexOf(':') + 1).toUpperCase();
  return /^[A-Z&]{1,20}/.exec(symbol)?.[0] ?? '';
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
