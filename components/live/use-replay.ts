'use client';

import { useCallback, useEffect, useState } from 'react';
import { asProblem } from '../../lib/client/problem.ts';
import { changeReplay, endReplay, openReplay, type ReplayChange } from '../../lib/client/replay.ts';
import type { SessionHost } from '../../lib/client/session-host.ts';
import type { InstrumentSummary } from '../../lib/core/instrument.ts';

export interface Replay {
  /** Of the replay; null where the page is live, undefined until it is open. */
  readonly id: string | null | undefined;
  /** What could not be done, in words; null where nothing failed. */
  readonly fault: string | null;
  change(change: ReplayChange): void;
  /** Plays or pauses, whichever it does not do now. */
  toggle(session: SessionHost | null): void;
}

/** Opens the replay that the address names, and ends it with the page. */
export function useReplay(instrument: InstrumentSummary, from: string | null): Replay {
  const [id, setId] = useState<string | null | undefined>(from === null ? null : undefined);
  const [fault, setFault] = useState<string | null>(null);

  useEffect(() => {
    if (from === null) return;
    let isGone = false;
    const opening = openReplay(instrument.id, from);
    opening.then(
      (opened) => {
        if (!isGone) setId(opened.id);
      },
      (error: unknown) => {
        if (!isGone) setFault(asProblem(error).detail);
      },
    );
    return () => {
      isGone = true;
      // Where it cannot be ended it ends by itself, as nobody listens.
      opening.then((opened) => endReplay(opened.id)).catch(() => undefined);
    };
  }, [instrument, from]);

  const change = useCallback(
    (wanted: ReplayChange): void => {
      if (!id) return;
      changeReplay(id, wanted).then(
        () => setFault(null),
        (error: unknown) => setFault(asProblem(error).detail),
      );
    },
    [id],
  );
  const toggle = useCallback(
    (session: SessionHost | null): void => change({ playing: !session?.store.readout()?.replay?.playing }),
    [change],
  );
  return { id, fault, change, toggle };
}
