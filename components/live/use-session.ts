'use client';

import { type RefObject, useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { type SessionHost, startSession } from '../../lib/client/session-host.ts';
import type { BookTable, CursorReadout, SessionReadout } from '../../lib/client/session-messages.ts';
import type { InstrumentSummary } from '../../lib/core/instrument.ts';
import type { HeatmapOptions } from '../../lib/render/scene.ts';

/** Starts a session in the element and stops it with the component; null until it stands. */
export function useSession(
  host: RefObject<HTMLElement | null>,
  instrument: InstrumentSummary,
  options: HeatmapOptions,
): SessionHost | null {
  const [session, setSession] = useState<SessionHost | null>(null);
  const firstOptions = useRef(options);

  useEffect(() => {
    if (!host.current) return;
    const started = startSession(host.current, instrument, firstOptions.current);
    setSession(started);
    return () => started.stop();
  }, [host, instrument]);

  useEffect(() => {
    firstOptions.current = options;
    session?.post({ type: 'options', options });
  }, [session, options]);

  return session;
}

const nothing = () => null;
const neverChanges = () => () => undefined;

export function useReadout(session: SessionHost | null): SessionReadout | null {
  return useSyncExternalStore(session?.store.subscribe ?? neverChanges, session?.store.readout ?? nothing, nothing);
}

/** Why the session has failed; null while it has not. */
export function useFailure(session: SessionHost | null): string | null {
  return useSyncExternalStore(session?.store.subscribe ?? neverChanges, session?.store.failure ?? nothing, nothing);
}

export function useCursor(session: SessionHost | null): CursorReadout | null {
  return useSyncExternalStore(session?.store.subscribe ?? neverChanges, session?.store.cursor ?? nothing, nothing);
}

export function useBookTable(session: SessionHost | null): BookTable | null {
  return useSyncExternalStore(session?.store.subscribe ?? neverChanges, session?.store.book ?? nothing, nothing);
}
