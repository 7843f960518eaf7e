'use client';

import { useEffect } from 'react';
import { InstrumentPicker } from '../instruments/instrument-picker.tsx';
import { OnceOpen } from '../shell/once-open.tsx';
import { BookTableReading } from './book-table.tsx';
import { ChartBadges } from './chart-badges.tsx';
import { CursorPanel } from './cursor-panel.tsx';
import { HeatmapHost } from './heatmap-host.tsx';
import {
  AlertDialog,
  fetchSoon,
  HelpDialog,
  JumpDialog,
  NoteDialog,
  OptionsPanel,
  ReplayDialog,
} from './opened-later.ts';
import { ReplayBar } from './replay-bar.tsx';
import { StateOverlay } from './state-overlay.tsx';
import { Toolbar } from './toolbar.tsx';
import type { Heatmap } from './use-heatmap.ts';
import { useReadout } from './use-session.ts';

/** A heatmap with its tools, without a page around it. */
export function HeatmapView({ heatmap }: { heatmap: Heatmap }) {
  const { instrument, session, replay, replaying, choice, opened, open, act, command } = heatmap;
  const { options, change } = choice;
  return (
    <>
      <Toolbar
        instrument={instrument}
        session={session}
        options={options}
        onOptions={change}
        tool={heatmap.tool}
        onTool={(tool) => act({ type: 'tool', tool })}
        choosing={opened === 'options'}
        onChoose={() => act({ type: 'options' })}
        onLock={() => act({ type: 'lock' })}
        onJump={() => open('jump')}
        onCopyLink={() => act({ type: 'copyLink' })}
        onCommand={command}
        onHelp={() => open('help')}
        replaying={replaying}
        onReplay={() => open('replay')}
      />
      {replaying ? <ReplayBar instrument={instrument} session={session} replay={replay} /> : null}
      <HeatmapPicture heatmap={heatmap} />
    </>
  );
}

interface PictureProps {
  readonly heatmap: Heatmap;
  /** Of what stands around the numbers at the crosshair, where they are not to be seen in every room. */
  readonly cursorClassName?: string;
}

/** The picture with what stands and opens over it, without tools. */
export function HeatmapPicture({ heatmap, cursorClassName }: PictureProps) {
  const { instrument, session, replay, choice, alerts, opened, open, command, retry, preferences } = heatmap;
  const { options, change } = choice;
  const cutoffs = useReadout(session)?.cutoffs ?? null;
  const hasPicture = cutoffs !== null;
  useEffect(() => (hasPicture ? fetchSoon() : undefined), [hasPicture]);
  return (
    <>
      <div className="relative min-h-0 flex-1">
        <HeatmapHost
          ref={heatmap.host}
          instrument={instrument}
          session={session}
          crosshair={heatmap.crosshair}
          options={options}
          tool={heatmap.tool}
          onBookWidth={(bookWidth) => change({ bookWidth })}
          onClicked={heatmap.clicked}
        />
        <div className={cursorClassName}>
          <CursorPanel instrument={instrument} session={session} />
        </div>
        <ChartBadges session={session} onCommand={command} onRetry={retry} />
        <StateOverlay session={session} refusal={session ? null : replay.fault} onRetry={retry} />
        <BookTableReading instrument={instrument} session={session} />
        {opened === 'options' ? (
          <OptionsPanel
            instrument={instrument}
            choice={choice}
            marks={heatmap.marks}
            alerts={alerts}
            cutoffs={cutoffs}
            onAnchor={() => heatmap.act({ type: 'anchor' })}
            onClose={() => {
              open(null);
              heatmap.host.current?.focus();
            }}
          />
        ) : null}
      </div>
      <p aria-live="polite" className="sr-only" data-said>
        {heatmap.said}
      </p>
      <InstrumentPicker open={opened === 'search'} onClose={() => open(null)} />
      <OnceOpen open={opened === 'replay'}>
        <ReplayDialog open={opened === 'replay'} instrument={instrument} onClose={() => open(null)} />
      </OnceOpen>
      <OnceOpen open={opened === 'jump'}>
        <JumpDialog
          open={opened === 'jump'}
          instrument={instrument}
          onJump={(rightUs) => {
            open(null);
            command({ type: 'goTo', rightUs });
          }}
          onClose={() => open(null)}
        />
      </OnceOpen>
      <OnceOpen open={alerts.chosen !== null}>
        <AlertDialog
          instrument={instrument}
          alerts={alerts}
          onAnother={() => alerts.chosen && heatmap.writeAlert(alerts.chosen.price)}
        />
      </OnceOpen>
      <OnceOpen open={heatmap.asked !== null}>
        <NoteDialog mark={heatmap.asked} onDone={heatmap.keepMark} />
      </OnceOpen>
      <OnceOpen open={opened === 'help'}>
        <HelpDialog
          open={opened === 'help'}
          singleKeys={preferences.shortcuts}
          onSingleKeys={(shortcuts) => heatmap.changePreferences({ shortcuts })}
          onClose={() => open(null)}
        />
      </OnceOpen>
    </>
  );
}
