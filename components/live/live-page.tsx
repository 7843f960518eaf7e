'use client';

import { useCallback, useMemo, useRef, useState } from 'react';
import type { ShortcutAction } from '../../lib/client/shortcuts.ts';
import type { InstrumentSummary } from '../../lib/core/instrument.ts';
import type { ViewCommand } from '../../lib/heatmap/view-controller.ts';
import { InstrumentPicker } from '../instruments/instrument-picker.tsx';
import { Announcer } from './announcer.tsx';
import { BookTableReading } from './book-table.tsx';
import { ChartBadges } from './chart-badges.tsx';
import { CursorPanel } from './cursor-panel.tsx';
import { HeatmapHost } from './heatmap-host.tsx';
import { HelpDialog } from './help-dialog.tsx';
import { LiveHeader } from './live-header.tsx';
import { ReplayBar } from './replay-bar.tsx';
import { ReplayDialog } from './replay-dialog.tsx';
import { StateOverlay } from './state-overlay.tsx';
import { StatusBar } from './status-bar.tsx';
import { Toolbar } from './toolbar.tsx';
import { usePreferences } from './use-preferences.ts';
import { useReplay } from './use-replay.ts';
import { useSession } from './use-session.ts';
import { useShortcuts } from './use-shortcuts.ts';

interface Props {
  readonly instrument: InstrumentSummary;
  /** Instant from which on it is replayed, as the address has it; null: live. */
  readonly replayFrom: string | null;
}

/** One instrument, live or replayed: header, tools, heatmap, status. */
export function LivePage({ instrument, replayFrom }: Props) {
  const host = useRef<HTMLDivElement>(null);
  const [preferences, changePreferences] = usePreferences();
  const [rowTicks, setRowTicks] = useState<number | null>(null);
  const [crosshair, setCrosshair] = useState(false);
  const [picking, setPicking] = useState(false);
  const [helping, setHelping] = useState(false);
  const { palette, bubbles } = preferences;
  const options = useMemo(() => ({ palette, bubbles, rowTicks }), [palette, bubbles, rowTicks]);
  const [choosing, setChoosing] = useState(false);
  const replay = useReplay(instrument, replayFrom);
  const session = useSession(host, instrument, options, replay.id);

  const command = useCallback((it: ViewCommand) => session?.post({ type: 'command', command: it }), [session]);
  const retry = useCallback(() => session?.post({ type: 'retry' }), [session]);

  const act = (action: ShortcutAction): void => {
    switch (action.type) {
      case 'view':
        if (replayFrom !== null && action.command.type === 'togglePause') replay.toggle(session);
        else command(action.command);
        break;
      case 'stepCursor':
        session?.post(action);
        break;
      case 'toggleCrosshair':
        setCrosshair(!crosshair);
        if (crosshair) session?.post({ type: 'pointer', place: null });
        else session?.post({ type: 'stepCursor', columns: 0, rows: 0 });
        break;
      case 'hideCrosshair':
        setCrosshair(false);
        session?.post({ type: 'pointer', place: null });
        break;
      case 'toggleBubbles':
        changePreferences({ bubbles: !bubbles });
        break;
      case 'search':
        setPicking(true);
        break;
      case 'help':
        setHelping(true);
        break;
    }
  };
  useShortcuts({ crosshair, singleKeys: preferences.shortcuts, act });

  return (
    <div className="flex h-dvh min-h-0 flex-col overflow-hidden">
      <LiveHeader instrument={instrument} session={session} onPick={() => setPicking(true)} />
      <main className="flex min-h-0 flex-1 flex-col">
        <Toolbar
          instrument={instrument}
          session={session}
          preferences={preferences}
          onPreferences={changePreferences}
          rowTicks={rowTicks}
          onRowTicks={setRowTicks}
          onCommand={command}
          onHelp={() => setHelping(true)}
          replaying={replayFrom !== null}
          onReplay={() => setChoosing(true)}
        />
        {replayFrom === null ? null : <ReplayBar instrument={instrument} session={session} replay={replay} />}
        <div className="relative min-h-0 flex-1">
          <HeatmapHost ref={host} instrument={instrument} session={session} crosshair={crosshair} />
          <CursorPanel instrument={instrument} session={session} />
          <ChartBadges session={session} onCommand={command} onRetry={retry} />
          <StateOverlay session={session} refusal={session ? null : replay.fault} onRetry={retry} />
          <BookTableReading instrument={instrument} session={session} />
        </div>
      </main>
      <StatusBar session={session} />
      <Announcer session={session} />
      <InstrumentPicker open={picking} onClose={() => setPicking(false)} />
      <ReplayDialog open={choosing} instrument={instrument} onClose={() => setChoosing(false)} />
      <HelpDialog
        open={helping}
        onClose={() => setHelping(false)}
        singleKeys={preferences.shortcuts}
        onSingleKeys={(shortcuts) => changePreferences({ shortcuts })}
      />
    </div>
  );
}
