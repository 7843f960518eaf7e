'use client';

import { useEffect, useState } from 'react';
import type { Permalink } from '../../lib/client/permalink.ts';
import type { InstrumentSummary } from '../../lib/core/instrument.ts';
import type { Evidence } from '../../lib/heatmap/evidence.ts';
import { Announcer } from './announcer.tsx';
import { HeatmapView } from './heatmap-view.tsx';
import { LiveHeader } from './live-header.tsx';
import { StatusBar } from './status-bar.tsx';
import { useHeatmap } from './use-heatmap.ts';
import { useShortcuts } from './use-shortcuts.ts';

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
  const { session, crosshair, preferences, act } = heatmap;
  useEffect(() => {
    if (shown) session?.post({ type: 'evidence', evidence: shown, go: false });
  }, [session, shown]);
  useShortcuts({ crosshair, singleKeys: preferences.shortcuts, act });

  return (
    <div className="flex h-dvh min-h-0 flex-col overflow-hidden">
      <LiveHeader instrument={instrument} session={session} onPick={() => heatmap.open('search')} />
      <main className="flex min-h-0 flex-1 flex-col">
        <HeatmapView heatmap={heatmap} />
      </main>
      <StatusBar session={session} />
      <Announcer session={session} />
    </div>
  );
}
