'use client';

import { useEffect, useRef, useState } from 'react';
import type { SessionHost } from '../../lib/client/session-host.ts';
import { useReadout } from './use-session.ts';

/** Announcements are at least this far apart, ms: a feed that flaps must not talk without end. */
const ANNOUNCE_MS = 5000;

/** The page's live region, beside that of alerts: says when the page's state changes, never what the market does. */
export function Announcer({ session }: { session: SessionHost | null }) {
  const readout = useReadout(session);
  const words = readout ? (readout.paused ? 'Paused' : readout.state.title) : '';
  const [said, setSaid] = useState('');
  const saidAtMs = useRef(Number.NEGATIVE_INFINITY);

  useEffect(() => {
    if (words === said) return;
    const waitMs = Math.max(0, saidAtMs.current + ANNOUNCE_MS - performance.now());
    const timer = setTimeout(() => {
      saidAtMs.current = performance.now();
      setSaid(words);
    }, waitMs);
    return () => clearTimeout(timer);
  }, [words, said]);

  return (
    <p role="status" aria-label="State of the page" aria-live="polite" className="sr-only">
      {said}
    </p>
  );
}
