'use client';

import { useParams } from 'next/navigation';
import { InstrumentFinder } from './instrument-finder.tsx';

/** What is said of an address that names no instrument: what was asked for, and what comes near to it. */
export function UnknownInstrument() {
  const { instrument } = useParams<{ instrument?: string }>();
  const asked = decoded(instrument ?? '');
  return (
    <main className="mx-auto w-full max-w-4xl px-4 py-6">
      <h1 className="text-lg font-semibold">There is no instrument “{asked}”</h1>
      <p className="mt-1 mb-4 text-muted">
        Names look like NFO:NIFTY26DECFUT: exchange and symbol. These come nearest; or search for another.
      </p>
      <InstrumentFinder initialSearch={nearest(asked)} searchKey="/" />
    </main>
  );
}

/** The beginning of the symbol that is all letters: an expired contract's successors begin with it. */
function nearest(asked: string): string {
  const symbol = asked.slice(asked.indexOf(':') + 1).toUpperCase();
  return /^[A-Z&]+/.exec(symbol)?.[0] ?? '';
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
