'use client';

import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { PaneLink } from '../../../lib/client/pane-link.ts';
import type { SessionHost } from '../../../lib/client/session-host.ts';
import type { ShortcutAction } from '../../../lib/client/shortcuts.ts';
import { ROW_TICKS } from '../../../lib/heatmap/price-rows.ts';
import type { ViewCommand } from '../../../lib/heatmap/view-controller.ts';
import { BookTableReading } from '../../live/book-table.tsx';
import { ChartBadges } from '../../live/chart-badges.tsx';
import { CursorPanel } from '../../live/cursor-panel.tsx';
import { HeatmapHost } from '../../live/heatmap-host.tsx';
import { StateBadge } from '../../live/state-badge.tsx';
import { StateOverlay } from '../../live/state-overlay.tsx';
import { usePreferences } from '../../live/use-preferences.ts';
import { useReadout, useSession } from '../../live/use-session.ts';
import { useShortcuts } from '../../live/use-shortcuts.ts';
import type { PaneProps } from '../../workspace/pane.ts';

/** The heatmap of the depth page, live, without its tools: those that a pane needs are keys, and its price rows a setting. */
export default function HeatmapPane({ paneId, instrument, link, settings, onSettings }: PaneProps) {
  const pane = useRef<HTMLDivElement>(null);
  const host = useRef<HTMLDivElement>(null);
  const [preferences, changePreferences] = usePreferences();
  const [crosshair, setCrosshair] = useState(false);
  const { palette, bubbles } = preferences;
  const rowTicks = ROW_TICKS.find((ticks) => ticks === settings.rowTicks) ?? null;
  const options = useMemo(() => ({ palette, bubbles, rowTicks }), [palette, bubbles, rowTicks]);
  const session = useSession(host, instrument, options, null);
  const command = useCallback((it: ViewCommand) => session?.post({ type: 'command', command: it }), [session]);
  const retry = useCallback(() => session?.post({ type: 'retry' }), [session]);
  usePaneLink(paneId, link, session);

  const act = (action: ShortcutAction): void => {
    switch (action.type) {
      case 'view':
        command(action.command);
        break;
      case 'stepCursor':
        session?.post(action);
        break;
      case 'toggleCrosshair':
        setCrosshair(!crosshair);
        session?.post(crosshair ? { type: 'pointer', place: null } : { type: 'stepCursor', columns: 0, rows: 0 });
        break;
      case 'hideCrosshair':
        setCrosshair(false);
        session?.post({ type: 'pointer', place: null });
        break;
      case 'toggleBubbles':
        changePreferences({ bubbles: !bubbles });
        break;
      // The workspace's own.
      case 'search':
      case 'help':
        break;
    }
  };
  useShortcuts({ crosshair, singleKeys: preferences.shortcuts, within: pane, act });

  return (
    <div ref={pane} className="@container absolute inset-0 flex flex-col">
      <PaneBar
        session={session}
        rowTicks={rowTicks}
        onRowTicks={(ticks) => onSettings({ ...settings, rowTicks: ticks })}
      />
      <div className="relative min-h-0 flex-1">
        <HeatmapHost ref={host} instrument={instrument} session={session} crosshair={crosshair} />
        <div className="hidden @min-[36rem]:block">
          <CursorPanel instrument={instrument} session={session} />
        </div>
        <ChartBadges session={session} onCommand={command} onRetry={retry} />
        <StateOverlay session={session} refusal={null} onRetry={retry} />
        <BookTableReading instrument={instrument} session={session} />
      </div>
    </div>
  );
}

interface BarProps {
  readonly session: SessionHost | null;
  readonly rowTicks: number | null;
  onRowTicks(ticks: number | null): void;
}

function PaneBar({ session, rowTicks, onRowTicks }: BarProps) {
  const readout = useReadout(session);
  const shown = readout?.rowTicks ?? 1;
  return (
    <div className="flex h-6 items-center gap-3 overflow-hidden border-b border-line bg-panel px-2 text-[11px] whitespace-nowrap text-muted">
      <StateBadge state={readout?.state ?? null} />
      <label className="ml-auto flex items-center gap-1">
        Row
        <select
          value={rowTicks ?? 'auto'}
          onChange={({ target }) => onRowTicks(target.value === 'auto' ? null : Number(target.value))}
          className="rounded border border-line bg-raised px-1 font-mono text-ink"
        >
          <option value="auto">Auto · {shown}</option>
          {ROW_TICKS.map((ticks) => (
            <option key={ticks} value={ticks}>
              {ticks}
            </option>
          ))}
        </select>
        ticks
      </label>
    </div>
  );
}

/** What is pointed at and shown here goes to the other panes of the group, and theirs comes here. */
function usePaneLink(paneId: string, link: PaneLink, session: SessionHost | null): void {
  useEffect(() => {
    if (!session) return;
    const { store } = session;
    let cursorUs: number | null = null;
    let report = store.range();
    let shownRange = link.state.range;
    let begun = false;
    const obey = (): void => {
      const { state } = link;
      session.post({ type: 'linkCursor', timeUs: state.cursorUs });
      if (state.range === shownRange && begun) return;
      shownRange = state.range;
      if (state.range) session.post({ type: 'command', command: { type: 'showTime', ...state.range } });
      else if (begun) session.post({ type: 'command', command: { type: 'goLive' } });
    };
    const tell = (): void => {
      const place = store.cursor()?.columnStartUs ?? null;
      if (place !== cursorUs) {
        cursorUs = place;
        link.set({ cursorUs }, paneId);
      }
      const latest = store.range();
      if (latest && latest !== report) {
        report = latest;
        shownRange = latest.range;
        link.set({ range: latest.range }, paneId);
      }
      // Before there is a picture, there is nothing to move.
      if (begun || !store.readout()?.cutoffs) return;
      obey();
      begun = true;
    };
    const endStore = store.subscribe(tell);
    const endLink = link.subscribe(paneId, obey);
    return () => {
      endStore();
      endLink();
      if (cursorUs !== null) link.set({ cursorUs: null }, paneId);
    };
  }, [paneId, link, session]);
}
