'use client';

import { useState } from 'react';
import { PaneLink } from '../../lib/client/pane-link.ts';
import type { InstrumentSummary } from '../../lib/core/instrument.ts';
import { SiteKeys } from '../shell/site-keys.tsx';
import type { PaneSettings } from './pane.ts';
import { paneKind } from './pane-kinds.ts';

interface Props {
  readonly kind: string;
  readonly instrument: InstrumentSummary;
}

/** One pane in a window of its own. */
export function SinglePane({ kind, instrument }: Props) {
  const [link] = useState(() => new PaneLink());
  const [settings, setSettings] = useState<PaneSettings>({});
  const found = paneKind(kind);
  if (!found) return null;
  const { Component, title } = found;
  return (
    <main className="relative h-dvh overflow-hidden" aria-label={`${title} of ${instrument.symbol}`}>
      <Component paneId="single" instrument={instrument} link={link} settings={settings} onSettings={setSettings} />
      <SiteKeys />
    </main>
  );
}
