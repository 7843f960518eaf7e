'use client';

import { type KeyboardEvent, useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { FOOTPRINT_COLUMNS, FootprintSession } from '../../../lib/client/footprint-session.ts';
import { FOOTPRINT_INTERVALS, footprintSettings } from '../../../lib/client/footprint-settings.ts';
import { installPaneProbe } from '../../../lib/client/pane-probe.ts';
import { CELL_MODES, MODE_WORDS } from '../../../lib/heatmap/footprint-bars.ts';
import { quantityUnit } from '../../../lib/heatmap/format.ts';
import { ROW_TICKS } from '../../../lib/heatmap/price-rows.ts';
import { StateBadge } from '../../live/state-badge.tsx';
import type { PaneProps } from '../../workspace/pane.ts';
import { BarTable } from '../chart/bar-table.tsx';
import { FlowLegend } from '../chart/flow-legend.tsx';
import { FlowOverlay } from '../chart/flow-overlay.tsx';
import { IntervalSelect } from '../chart/interval-select.tsx';
import { useAskMarket } from '../chart/use-ask-market.ts';
import { useThemeChanges } from '../chart/use-theme-changes.ts';

const nothing = () => null;
const neverChanges = () => () => undefined;
const LOADING = { kind: 'loading', title: 'Loading bars', detail: '', missingMs: 0 } as const;
const SELECT = 'rounded border border-edge bg-raised px-1.5 py-0.5';

/** What was bought and sold at each price of each bar. */
export default function FootprintPane({ paneId, instrument, link, settings, onSettings }: PaneProps) {
  const host = useRef<HTMLDivElement>(null);
  const [session, setSession] = useState<FootprintSession | null>(null);
  const ask = useAskMarket();
  const themeChanges = useThemeChanges();
  const { interval, rowTicks, mode } = footprintSettings(settings);
  const firstMode = useRef(mode);
  firstMode.current = mode;

  // biome-ignore lint/correctness/useExhaustiveDependencies: colours are read once, so another theme begins it anew
  useEffect(() => {
    const element = host.current;
    if (!element) return;
    const begun = new FootprintSession(element, instrument, interval, rowTicks, firstMode.current, ask, link, paneId);
    const uninstall = installPaneProbe(paneId, { footprints: (fromUs, toUs) => begun.drawn(fromUs, toUs) });
    setSession(begun);
    return () => {
      setSession(null);
      uninstall();
      begun.stop();
    };
  }, [instrument, interval, rowTicks, ask, link, paneId, themeChanges]);

  useEffect(() => session?.setMode(mode), [session, mode]);

  const readout = useSyncExternalStore(session?.subscribe ?? neverChanges, session?.currentReadout ?? nothing, nothing);
  const table = useSyncExternalStore(session?.subscribe ?? neverChanges, session?.currentTable ?? nothing, nothing);

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (session?.key(event.key, event.shiftKey)) event.preventDefault();
  };

  return (
    <div className="absolute inset-0 flex flex-col bg-ground">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1 border-b border-line px-2 py-1">
        <IntervalSelect
          intervals={FOOTPRINT_INTERVALS}
          value={interval}
          onChange={(value) => onSettings({ ...settings, interval: value })}
        />
        <label className="flex items-center gap-1.5">
          <span className="text-muted">Row</span>
          <select
            value={rowTicks}
            onChange={(event) => onSettings({ ...settings, rowTicks: Number(event.target.value) })}
            className={SELECT}
          >
            {ROW_TICKS.map((ticks) => (
              <option key={ticks} value={ticks}>
                {ticks === 1 ? '1 tick' : `${ticks} ticks`}
              </option>
            ))}
          </select>
        </label>
        <label className="flex items-center gap-1.5">
          <span className="text-muted">Cells</span>
          <select
            value={mode}
            onChange={(event) => onSettings({ ...settings, mode: event.target.value })}
            className={SELECT}
          >
            {CELL_MODES.map((each) => (
              <option key={each} value={each}>
                {MODE_WORDS[each]}
              </option>
            ))}
          </select>
        </label>
        <span className="text-muted">{quantityUnit(instrument.lotSize)}</span>
        <StateBadge state={readout?.state ?? LOADING} />
        {readout?.simulated ? <span className="rounded bg-raised px-1.5 text-warn">Simulated market</span> : null}
      </div>
      <FlowLegend readout={readout} />
      <div
        ref={host}
        role="application"
        aria-roledescription="footprint chart"
        aria-label={`Footprint of ${instrument.symbol}`}
        aria-describedby={`${paneId}-keys`}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: an application is interactive; its keys are described
        tabIndex={0}
        onKeyDown={onKeyDown}
        className="relative min-h-0 flex-1 cursor-crosshair touch-none select-none overflow-hidden focus-visible:outline-offset-[-2px]"
      />
      <p id={`${paneId}-keys`} className="sr-only">
        Arrow keys move the crosshair over bars and prices, with Shift by ten; plus and minus zoom time, brackets zoom
        price; Home goes to the oldest bar and End to the newest; Escape hides the crosshair. The visible bars follow as
        a table.
      </p>
      <FlowOverlay state={readout?.state ?? LOADING} onRetry={() => session?.retry()} />
      <BarTable caption={`Footprints of ${instrument.symbol}`} columns={FOOTPRINT_COLUMNS} rows={table ?? []} />
    </div>
  );
}
