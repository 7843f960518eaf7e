'use client';

import { useEffect, useRef } from 'react';
import type { PaneLink } from '../../../lib/client/pane-link.ts';
import type { SessionHost } from '../../../lib/client/session-host.ts';
import { HEATMAP_KEYS } from '../../../lib/client/shortcuts.ts';
import { changedOptions } from '../../../lib/heatmap/options.ts';
import { ROW_TICKS } from '../../../lib/heatmap/price-rows.ts';
import { HeatmapPicture } from '../../live/heatmap-view.tsx';
import { StateBadge } from '../../live/state-badge.tsx';
import { useHeatmap } from '../../live/use-heatmap.ts';
import { useReadout } from '../../live/use-session.ts';
import { useKeys } from '../../shell/use-keys.ts';
import type { PaneProps, PaneSettings } from '../../workspace/pane.ts';

/** The heatmap of the depth page, live, without its tools: those that a pane needs are keys, and the height of its price rows. */
export default function HeatmapPane({ paneId, instrument, link, settings, onSettings }: PaneProps) {
  const pane = useRef<HTMLDivElement>(null);
  const heatmap = useHeatmap(instrument, null, null, {
    text: optionsText(settings, instrument.slug),
    keep: (options) => onSettings({ ...settings, of: instrument.slug, options: changedOptions(options) }),
  });
  const { session, choice } = heatmap;
  usePaneLink(paneId, link, session);

  useKeys({ commands: HEATMAP_KEYS, within: pane, act: heatmap.act });

  return (
    <div ref={pane} className="@container absolute inset-0 flex flex-col">
      <PaneBar
        session={session}
        rowTicks={choice.options.rowTicks}
        onRowTicks={(rowTicks) => choice.change({ rowTicks })}
      />
      <HeatmapPicture heatmap={heatmap} cursorClassName="hidden @min-[36rem]:block" />
    </div>
  );
}

/** Options of the layout as JSON; null: it has none. What belongs to one instrument's sizes and times stays with that one. */
function optionsText({ of, options }: PaneSettings, slug: string): string | null {
  if (typeof options !== 'object' || options === null) return null;
  return JSON.stringify(of === slug ? options : { ...options, locked: null, anchorUs: null });
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
    const endShow = link.onShow((evidence) => session.post({ type: 'evidence', evidence, go: true }));
    return () => {
      endStore();
      endLink();
      endShow();
      link.leave(paneId);
    };
  }, [paneId, link, session]);
}
