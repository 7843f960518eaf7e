'use client';

import { useState } from 'react';
import { PaneLink } from '../../lib/client/pane-link.ts';
import type { InstrumentSummary } from '../../lib/core/instrument.ts';
import { MarketPhase } from '../shell/market-phase.tsx';
import { SiteKeys } from '../shell/site-keys.tsx';
import type { PaneSettings } from './pane.ts';
import { paneKind } from './pane-kinds.ts';

interface Props {
  readonly kind: string;
  readonly instrument: InstrumentSummary;
}

/** One pane in a window of its own, under one line that says what it is and what the market does. */
export function SinglePane({ kind, instrument }: Props) {
  const [link] = useState(() => new PaneLink());
  const [settings, setSettings] = useState<PaneSettings>({});
  const found = paneKind(kind);
  if (!found) return null;
  const { Component, title } = found;
  const { exchange, symbol } = instrument;
  return (
    <div className="flex h-dvh flex-col overflow-hidden">
      <header className="flex h-6 shrink-0 items-center gap-3 overflow-hidden border-b border-line bg-panel px-2 text-[12px] whitespace-nowrap">
        <span className="font-semibold">{symbol}</span>
        <span className="text-muted">{title}</span>
        <MarketPhase exchange={exchange} className="ml-auto" />
      </header>
      <main className="relative min-h-0 flex-1 overflow-hidden" aria-label={`${title} of ${symbol}`}>
        <Component paneId="single" instrument={instrument} link={link} settings={settings} onSettings={setSettings} />
      </main>
      <SiteKeys />
    </div>
  );
}
