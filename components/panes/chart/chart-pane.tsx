'use client';

import { type KeyboardEvent, useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { ChartSession, TABLE_COLUMNS } from '../../../lib/client/chart-session.ts';
import { COST_LOTS, chartSettings } from '../../../lib/client/chart-settings.ts';
import { installPaneProbe } from '../../../lib/client/pane-probe.ts';
import { CHART_ROWS, ROW_WORDS } from '../../../lib/heatmap/chart-rows.ts';
import { quantityUnit } from '../../../lib/heatmap/format.ts';
import { BAR_INTERVALS } from '../../../lib/orderflow/bar-intervals.ts';
import { StateBadge } from '../../live/state-badge.tsx';
import type { PaneProps } from '../../workspace/pane.ts';
import { BarTable } from './bar-table.tsx';
import { FlowLegend } from './flow-legend.tsx';
import { FlowOverlay } from './flow-overlay.tsx';
import { IntervalSelect } from './interval-select.tsx';
import { useAskMarket } from './use-ask-market.ts';
import { useThemeChanges } from './use-theme-changes.ts';

const INTERVALS = Object.keys(BAR_INTERVALS);

const nothing = () => null;
const neverChanges = () => () => undefined;
const LOADING = { kind: 'loading', title: 'Loading bars', detail: '', missingMs: 0 } as const;

/** Candles with VWAP, and rows of flow below them. */
export default function ChartPane({ paneId, instrument, link, settings, onSettings }: PaneProps) {
  const host = useRef<HTMLDivElement>(null);
  const [session, setSession] = useState<ChartSession | null>(null);
  const ask = useAskMarket();
  const themeChanges = useThemeChanges();
  const { interval, rows, vwap, lots } = chartSettings(settings);
  const chosen = useRef({ rows, vwap, lots });
  chosen.current = { rows, vwap, lots };

  // biome-ignore lint/correctness/useExhaustiveDependencies: colours are read once, so another theme begins it anew
  useEffect(() => {
    if (!host.current) return;
    const choice = { ...chosen.current, lots };
    const begun = new ChartSession(host.current, instrument, interval, choice, ask, link, paneId);
    const uninstall = installPaneProbe(paneId, { bars: (fromUs, toUs) => begun.drawn(fromUs, toUs) });
    setSession(begun);
    return () => {
      setSession(null);
      uninstall();
      begun.stop();
    };
  }, [instrument, interval, lots, ask, link, paneId, themeChanges]);

  const rowsText = rows.join();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the rows by what they are, not by which list holds them
  useEffect(() => session?.choose(chosen.current), [session, rowsText, vwap]);

  const readout = useSyncExternalStore(session?.subscribe ?? neverChanges, session?.currentReadout ?? nothing, nothing);
  const table = useSyncExternalStore(session?.subscribe ?? neverChanges, session?.currentTable ?? nothing, nothing);

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (session?.key(event.key, event.shiftKey)) event.preventDefault();
  };

  return (
    <div className="absolute inset-0 flex flex-col bg-ground">
      <div className="flex items-center gap-2 border-b border-line px-2 py-1">
        <IntervalSelect
          intervals={INTERVALS}
          value={interval}
          onChange={(value) => onSettings({ ...settings, interval: value })}
        />
        <details className="relative">
          <summary className="list-none rounded border border-edge px-2 py-0.5 hover:bg-hover">Rows</summary>
          <fieldset className="absolute left-0 z-20 mt-1 grid w-40 gap-1 rounded border border-line bg-raised p-2">
            <legend className="sr-only">Rows</legend>
            <label className="flex items-center gap-2">
              <input
                type="checkbox"
                checked={vwap}
                onChange={() => onSettings({ ...settings, interval, rows, vwap: !vwap })}
              />
              VWAP and bands
            </label>
            {CHART_ROWS.map((row) => (
              <label key={row} className="flex items-center gap-2">
                <input
                  type="checkbox"
                  checked={rows.includes(row)}
                  onChange={() => {
                    const others = rows.filter((each) => each !== row);
                    const next = rows.includes(row) ? others : [...others, row];
                    onSettings({ ...settings, interval, vwap, rows: CHART_ROWS.filter((each) => next.includes(each)) });
                  }}
                />
                {ROW_WORDS[row]}
              </label>
            ))}
            <label className="flex items-center gap-2">
              Cost of
              <select
                value={lots}
                onChange={(event) =>
                  onSettings({ ...settings, interval, rows, vwap, lots: Number(event.target.value) })
                }
                className="rounded border border-edge bg-panel px-1"
              >
                {COST_LOTS.map((each) => (
                  <option key={each} value={each}>
                    {each}
                  </option>
                ))}
              </select>
              {quantityUnit(instrument.lotSize)}
            </label>
          </fieldset>
        </details>
        <StateBadge state={readout?.state ?? LOADING} />
        {readout?.simulated ? <span className="rounded bg-raised px-1.5 text-warn">Simulated market</span> : null}
        {readout?.source ? (
          <span className="flex items-center gap-1.5 text-muted">
            <span aria-hidden="true" className="inline-block h-2.5 w-2 border border-unknown" />
            {readout.source === 'kite' ? 'Kite' : 'Dhan'} candles before our recording
          </span>
        ) : null}
      </div>
      <FlowLegend readout={readout} />
      <div
        ref={host}
        role="application"
        aria-roledescription="chart of bars"
        aria-label={`Chart of ${instrument.symbol}`}
        aria-describedby={`${paneId}-keys`}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: an application is interactive; its keys are described
        tabIndex={0}
        onKeyDown={onKeyDown}
        className="relative min-h-0 flex-1 focus-visible:outline-offset-[-2px]"
      />
      <p id={`${paneId}-keys`} className="sr-only">
        Arrow keys move the crosshair, with Shift by ten bars; plus and minus zoom; Home goes to the oldest bar and End
        to the newest; Escape hides the crosshair. The visible bars follow as a table.
      </p>
      <span className="pointer-events-none absolute right-2 bottom-1.5 z-[5] text-[11px] text-muted">IST</span>
      <FlowOverlay state={readout?.state ?? LOADING} onRetry={() => session?.retry()} />
      <BarTable caption={`Bars of ${instrument.symbol}`} columns={TABLE_COLUMNS} rows={table ?? []} />
    </div>
  );
}
