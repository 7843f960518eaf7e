'use client';

import type { PaneProps } from '../../workspace/pane.ts';
import { FlowCards } from './flow-cards.tsx';
import { ToxicityRanking } from './toxicity-ranking.tsx';
import { WatchTable } from './watch-table.tsx';

/** How the market stands: cards of the pane's instrument and of its underlying's contracts, and all that is subscribed. */
export default function OverviewPane({ instrument }: PaneProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it is scrolled by keys
    <section aria-label="Overview" tabIndex={0} className="h-full overflow-y-auto bg-ground p-3">
      <FlowCards instrument={instrument} />
      <WatchTable />
      <ToxicityRanking underlying={instrument.name} />
    </section>
  );
}
