'use client';

import { useCallback, useEffect, useRef, useState, useSyncExternalStore } from 'react';

interface Session<View> {
  /** The same object until the session tells of a change. */
  readonly view: View;
  stop(): void;
}

/**
 * Runs a session that lives outside React, and shows its view, a few times a second at most.
 *
 * @param begin anew whenever it is another function; it is given what to call after a change
 */
export function useSessionView<View, S extends Session<View>>(
  begin: (tell: () => void) => S,
  before: View,
): { readonly view: View; readonly session: S | null } {
  const [session, setSession] = useState<S | null>(null);
  const listeners = useRef(new Set<() => void>());
  useEffect(() => {
    const begun = begin(() => {
      for (const listener of listeners.current) listener();
    });
    setSession(begun);
    return () => {
      begun.stop();
      setSession(null);
    };
  }, [begin]);
  const subscribe = useCallback((listener: () => void) => {
    listeners.current.add(listener);
    return () => void listeners.current.delete(listener);
  }, []);
  const view = useSyncExternalStore(
    subscribe,
    () => session?.view ?? before,
    () => before,
  );
  return { view, session };
}
