'use client';

import { useEffect, useRef, useState } from 'react';
import { attachLadderKeys } from '../../../lib/client/ladder-keys.ts';
import { LadderSession, type LadderStats } from '../../../lib/client/ladder-session.ts';
import { writeRows } from '../../../lib/client/text-rows.ts';
import { formatLots, formatPrice, formatWhole, quantityUnit } from '../../../lib/heatmap/format.ts';
import type { PageState } from '../../../lib/heatmap/page-state.ts';
import { ladderSettingsOf } from '../../../lib/ladder/ladder-settings.ts';
import { StateBadge } from '../../live/state-badge.tsx';
import type { PaneProps } from '../../workspace/pane.ts';
import { COVERED, PaneCover } from '../pane-state.tsx';
import { LadderBar } from './ladder-bar.tsx';
import { LadderTotals, type WriteTotals } from './ladder-totals.tsx';

declare global {
  interface Window {
    /** What the ladder of this page costs, for tests and the bench; by pane. */
    gehraLadders?: Record<string, () => LadderStats>;
  }
}

const CONNECTING: PageState = { kind: 'loading', title: 'Connecting', detail: '', missingMs: 0 };

/** The ladder (DOM): the book by price, with what traded, what was pulled and stacked, and where the best prices went. */
export default function LadderPane({ paneId, instrument, settings, onSettings }: PaneProps) {
  const chosen = ladderSettingsOf(settings);
  const host = useRef<HTMLDivElement>(null);
  const body = useRef<HTMLTableSectionElement>(null);
  const session = useRef<LadderSession | null>(null);
  const writeTotals = useRef<WriteTotals>(() => undefined);
  const first = useRef(chosen);
  first.current = chosen;
  const [state, setState] = useState<PageState>(CONNECTING);
  const [held, setHeld] = useState(false);

  useEffect(() => {
    const element = host.current;
    if (!element) return;
    const begun = new LadderSession(element, instrument, first.current, {
      onState: setState,
      onReadout: (readout) => {
        writeTotals.current(readout);
        setHeld(readout.held);
      },
      onTable: (rows) => {
        if (!body.current) return;
        const size = (quantity: number) => (quantity === 0 ? '–' : formatLots(quantity, instrument.lotSize));
        writeRows(
          body.current,
          rows.map((row) => [
            formatPrice(row.price, instrument),
            size(row.bid),
            formatWhole(row.bidOrders),
            size(row.ask),
            formatWhole(row.askOrders),
            size(row.sold),
            size(row.bought),
          ]),
        );
      },
    });
    session.current = begun;
    const detach = attachLadderKeys(element, begun.engine);
    const ladders = window.gehraLadders ?? {};
    ladders[paneId] = () => begun.stats();
    window.gehraLadders = ladders;
    return () => {
      delete ladders[paneId];
      detach();
      begun.stop();
      session.current = null;
    };
  }, [instrument, paneId]);

  const asked = JSON.stringify(chosen);
  useEffect(() => session.current?.engine.setSettings(ladderSettingsOf(JSON.parse(asked))), [asked]);

  return (
    <section aria-label={`Ladder of ${instrument.symbol}`} className="relative flex h-full flex-col bg-ground">
      <LadderBar
        settings={chosen}
        lotSize={instrument.lotSize}
        held={held}
        onChange={(change) => onSettings({ ...chosen, ...change })}
        onRecentre={() => session.current?.engine.recentre()}
      >
        <StateBadge state={state} />
      </LadderBar>
      <LadderTotals instrument={instrument} units={chosen.units} write={writeTotals} />
      {state.detail !== '' && !COVERED.has(state.kind) ? (
        <p className="border-b border-line bg-panel px-2 py-0.5 text-[12px] text-warn">{state.detail}</p>
      ) : null}
      <div className="relative min-h-0 flex-1">
        <div
          ref={host}
          role="application"
          aria-roledescription="price ladder"
          aria-label={`Price ladder of ${instrument.symbol}`}
          aria-describedby={`${paneId}-ladder-keys`}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: an application is interactive; its keys are described
          tabIndex={0}
          className="absolute inset-0 touch-none select-none overflow-hidden bg-ground focus-visible:outline-offset-[-2px]"
        >
          <p id={`${paneId}-ladder-keys`} className="sr-only">
            Up and Down arrows scroll by a row, Page Up and Page Down by a page, Home brings the market back to the
            middle. The visible rows follow as a table.
          </p>
        </div>
        <PaneCover state={state} onRetry={() => session.current?.retryNow()} />
      </div>
      {state.kind === 'signed_out' ? null : (
        <div className="sr-only">
          <table>
            <caption>
              Ladder of {instrument.symbol}, highest price first, quantities in {quantityUnit(instrument.lotSize)}.
            </caption>
            <thead>
              <tr>
                <th scope="col">Price</th>
                <th scope="col">Bid</th>
                <th scope="col">Bid orders</th>
                <th scope="col">Ask</th>
                <th scope="col">Ask orders</th>
                <th scope="col">Sold</th>
                <th scope="col">Bought</th>
              </tr>
            </thead>
            <tbody ref={body} />
          </table>
        </div>
      )}
    </section>
  );
}
