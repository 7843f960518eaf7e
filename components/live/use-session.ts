'use client';

import { type RefObject, useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { type SessionHost, startSession } from '../../lib/client/session-host.ts';
import type { BookTable, CursorReadout, SessionReadout } from '../../lib/client/session-messages.ts';
import type { InstrumentSummary } from '../../lib/core/instrument.ts';
import type { HeatmapOptions } from '../../lib/heatmap/options.ts';

/**
 * Starts a session in the element and stops it with the component; null until it stands.
 *
 * @param replayId of the replay to show, null: what is live, undefined: not known yet, so nothing is started
 */
export function useSession(
  host: RefObject<HTMLElement | null>,
  instrument: InstrumentSummary,
  options: HeatmapOptions,
  replayId: string | null | undefined,
): SessionHost | null {
  const [session, setSession] = useState<SessionHost | null>(null);
  const firstOptions = useRef(options);

  useEffect(() => {
    const element = host.current;
    if (!element || replayId === undefined) return;
    const begin = (): SessionHost => {
      const begun = startSession(element, instrument, firstOptions.current, replayId);
      let epoch: number | undefined;
      begun.store.subscribe(() => {
        const now = begun.store.readout()?.replay?.epoch;
        epoch ??= now;
        if (now === epoch || begun !== started) return;
        // The replay has gone to another time: what is drawn is not of it.
        begun.stop();
        started = begin();
      });
      setSession(begun);
      return begun;
    };
    let started: SessionHost | null = null;
    started = begin();
    return () => started?.stop();
  }, [host, instrument, replayId]);

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
