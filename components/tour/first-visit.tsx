'use client';

import dynamic from 'next/dynamic';
import { useEffect, useState } from 'react';
import { keepStartKnown, startIsKnown } from '../../lib/client/tour-seen.ts';

// Only who is new here fetches its code.
const StartHere = dynamic(async () => (await import('./start-here.tsx')).StartHere, { ssr: false });

/** What the start page says to a browser that has not been here. */
export function FirstVisit() {
  const [isNew, setIsNew] = useState(false);
  useEffect(() => setIsNew(!startIsKnown()), []);
  return isNew ? (
    <StartHere
      onDone={() => {
        keepStartKnown();
        setIsNew(false);
      }}
    />
  ) : null;
}
