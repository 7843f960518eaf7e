'use client';

import { useEffect, useState } from 'react';
import type { Permalink } from '../../lib/client/permalink.ts';
import type { SessionHost } from '../../lib/client/session-host.ts';
import { DEPTH_PAGE_KEYS } from '../../lib/client/shortcuts.ts';
import type { InstrumentSummary } from '../../lib/core/instrument.ts';
import type { Evidence } from '../../lib/heatmap/evidence.ts';
import { keyOffers, useOffers } from '../shell/offers.ts';
import { SiteKeys } from '../shell/site-keys.tsx';
import { useKeys } from '../shell/use-keys.ts';
import { HeatmapTour } from '../tour/heatmap-tour.tsx';
import { Announcer } from './announcer.tsx';
import { HeatmapView } from './heatmap-view.tsx';
import { LiveHeader } from './live-header.tsx';
import { StatusBar } from './status-bar.tsx';
import { useHeatmap } from './use-heatmap.ts';
import { useReadout } from './use-session.ts';

interface Props {
  readonly instrument: InstrumentSummary;
  /** Instant from which on it is replayed, as the address has it; null: live. */
  readonly replayFrom: string | null;
  /** The picture that the address asks for; null: what is live. */
  readonly permalink: Permalink | null;
  /** Of the signal that the address names; null: none. */
  readonly evidence: Evidence | null;
}

/** One instrument, live or replayed: header, tools, heatmap, status. */
export function LivePage({ instrument, replayFrom, permalink, evidence }: Props) {
  // Every answer of the server makes a new object of the same address.
  const [asked] = useState(permalink);
  const [shown] = useState(evidence);
  const heatmap = useHeatmap(instrument, replayFrom, asked);
  const { session, act } = heatmap;
  useEffect(() => {
    if (shown) session?.post({ type: 'evidence', evidence: shown, go: false });
  }, [session, shown]);
  useKeys({ commands: DEPTH_PAGE_KEYS, act });
  useOffers(() => ({ commands: keyOffers('Heatmap', DEPTH_PAGE_KEYS, (action) => act(action)) }));

  return (
    <div className="flex h-dvh min-h-0 flex-col overflow-hidden">
      <LiveHeader instrument={instrument} session={session} onPick={() => heatmap.open('search')} />
      <main className="flex min-h-0 flex-1 flex-col">
        <HeatmapView heatmap={heatmap} />
      </main>
      <StatusBar session={session} />
      <Announcer session={session} />
      <SiteKeys />
      <Tour session={session} wanted={replayFrom === null && permalink === null} />
    </div>
  );
}

/** For those who come to the live picture, not to a certain one. */
function Tour({ session, wanted }: { readonly session: SessionHost | null; readonly wanted: boolean }) {
  const readout = useReadout(session);
  return <HeatmapTour ready={wanted && readout?.state.kind === 'live' && readout.cutoffs !== null} />;
}
