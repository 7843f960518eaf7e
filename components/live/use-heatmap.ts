'use client';

import { type RefObject, useCallback, useEffect, useRef, useState } from 'react';
import { panePath } from '../../lib/client/instruments.ts';
import { type LinkedOptions, type Permalink, permalinkPath } from '../../lib/client/permalink.ts';
import type { Preferences } from '../../lib/client/preferences.ts';
import type { SessionHost } from '../../lib/client/session-host.ts';
import { arrowAction, type ShortcutAction } from '../../lib/client/shortcuts.ts';
import type { InstrumentSummary } from '../../lib/core/instrument.ts';
import { MARKS_MAX, type Mark } from '../../lib/heatmap/marks.ts';
import { nextRowTicks, SIDE_COLUMNS, stepCutoff } from '../../lib/heatmap/options.ts';
import type { ViewCommand } from '../../lib/heatmap/view-controller.ts';
import type { Marquee } from '../../lib/render/draw-marks.ts';
import { cursorText } from './cursor-words.ts';
import { type OptionsChoice, useHeatmapOptions } from './use-heatmap-options.ts';
import { type Marks, useMarks } from './use-marks.ts';
import { usePreferences } from './use-preferences.ts';
import { type Replay, useReplay } from './use-replay.ts';
import { useSession } from './use-session.ts';

/** Which of the things that open over the picture is open. */
export type Opened = 'options' | 'help' | 'jump' | 'replay' | 'search' | null;

export interface Heatmap {
  readonly host: RefObject<HTMLDivElement | null>;
  readonly instrument: InstrumentSummary;
  readonly session: SessionHost | null;
  readonly replay: Replay;
  readonly replaying: boolean;
  readonly choice: OptionsChoice;
  readonly marks: Marks;
  readonly preferences: Preferences;
  changePreferences(change: Partial<Preferences>): void;
  readonly opened: Opened;
  open(what: Opened): void;
  readonly tool: Marquee['kind'] | null;
  readonly crosshair: boolean;
  /** The level or note that is about to be made. */
  readonly asked: Mark | null;
  keepMark(mark: Mark | null): void;
  /** What was done last, for those who cannot see it. */
  readonly said: string;
  command(command: ViewCommand): void;
  retry(): void;
  /** @param withShift the key was pressed with Shift beside its own */
  act(action: ShortcutAction, withShift?: boolean): void;
}

const NOTHING_LINKED: LinkedOptions = {};

/**
 * Everything behind one heatmap: its session, what was chosen, what is open, and what its keys do.
 *
 * @param replayFrom instant from which on it is replayed; null: live
 * @param permalink the picture that the address asks for; null: what is live
 */
export function useHeatmap(
  instrument: InstrumentSummary,
  replayFrom: string | null,
  permalink: Permalink | null,
): Heatmap {
  const host = useRef<HTMLDivElement>(null);
  const [preferences, changePreferences] = usePreferences();
  const choice = useHeatmapOptions(instrument.slug, permalink?.options ?? NOTHING_LINKED);
  const [crosshair, setCrosshair] = useState(false);
  const [opened, open] = useState<Opened>(null);
  const [tool, setTool] = useState<Marquee['kind'] | null>(null);
  const [asked, setAsked] = useState<Mark | null>(null);
  const [said, setSaid] = useState('');
  const replay = useReplay(instrument, replayFrom);
  const { options, change } = choice;
  const session = useSession(host, instrument, options, replay.id);
  const marks = useMarks(instrument.slug, session);
  const replaying = replayFrom !== null;

  const command = useCallback((it: ViewCommand) => session?.post({ type: 'command', command: it }), [session]);
  const retry = useCallback(() => session?.post({ type: 'retry' }), [session]);

  useEffect(() => {
    if (!permalink) return;
    const { rightUs, usPerPx, price } = permalink;
    session?.post({ type: 'command', command: { type: 'goTo', rightUs, usPerPx, price } });
  }, [session, permalink]);

  const copy = (text: string, what: string): void => {
    // Over plain http on any address but this machine's there is no clipboard at all.
    const copied = navigator.clipboard?.writeText(text) ?? Promise.reject(new Error('no clipboard'));
    copied.then(
      () => setSaid(`${what} copied`),
      () => setSaid(`The browser did not allow copying: ${text}`),
    );
  };

  const copyLink = async (): Promise<void> => {
    const shown = await session?.view();
    if (!shown) return;
    const path = permalinkPath(instrument.slug, shown, shown.rowTicks, shown.cutoffs, options);
    copy(`${location.origin}${path}`, 'Address of this picture');
  };

  const stepColumn = async (columns: number): Promise<void> => {
    const shown = await session?.view();
    // What is looked at goes one way, the picture the other.
    if (shown) command({ type: 'pan', dx: (-columns * shown.columnUs) / shown.usPerPx, dy: 0 });
  };

  const act = (action: ShortcutAction, withShift = false): void => {
    const place = session?.store.cursor() ?? null;
    switch (action.type) {
      case 'view':
        if (replaying && action.command.type === 'togglePause') replay.toggle(session);
        else command(action.command);
        break;
      case 'arrow':
        act(arrowAction(action, withShift, crosshair));
        break;
      case 'stepCursor':
        session?.post(action);
        break;
      case 'stepColumn':
        void stepColumn(action.columns);
        break;
      case 'toggleCrosshair':
        setCrosshair(!crosshair);
        if (crosshair) session?.post({ type: 'pointer', place: null });
        else session?.post({ type: 'stepCursor', columns: 0, rows: 0 });
        break;
      case 'hideCrosshair':
        setCrosshair(false);
        setTool(null);
        session?.post({ type: 'marquee', marquee: null });
        session?.post({ type: 'pointer', place: null });
        break;
      case 'toggleBubbles':
        change({ bubbles: !options.bubbles });
        break;
      case 'toggleHeat':
        change({ heat: !options.heat });
        break;
      case 'toggleProfile': {
        const isOn = options.columns.includes('volume');
        change({ columns: SIDE_COLUMNS.filter((it) => (it === 'volume' ? !isOn : options.columns.includes(it))) });
        break;
      }
      case 'nextRows':
        change({ rowTicks: nextRowTicks(options.rowTicks) });
        break;
      case 'stepCutoff':
        change({ cutoffs: stepCutoff(options.cutoffs, action.which, action.steps), locked: null });
        break;
      case 'lock':
        change({ locked: options.locked ? null : (session?.store.readout()?.cutoffs ?? null) });
        break;
      case 'tool':
        setTool(tool === action.tool ? null : action.tool);
        session?.post({ type: 'marquee', marquee: null });
        break;
      case 'mark':
        if (place && marks.list.length < MARKS_MAX) {
          const { price, timeUs } = place;
          const made = { id: crypto.randomUUID(), price, text: '' };
          setAsked(action.kind === 'level' ? { kind: 'level', ...made } : { kind: 'note', ...made, timeUs });
        } else setSaid(place ? 'There are too many levels and notes' : 'Point at a place first');
        break;
      case 'copyCursor':
        if (place) copy(cursorText(place, instrument), 'Numbers at the crosshair');
        break;
      case 'copyLink':
        void copyLink();
        break;
      case 'jump':
        open('jump');
        break;
      case 'options':
        open(opened === 'options' ? null : 'options');
        break;
      case 'search':
      case 'help':
        open(action.type);
        break;
      case 'openPane':
        // Under one name for each: a second press shows the window that is there.
        window.open(panePath(action.kind, instrument.slug), `gehra ${action.kind} ${instrument.slug}`);
        break;
      case 'palette':
        // Over every page alike, and no heatmap's own.
        break;
    }
  };

  return {
    host,
    instrument,
    session,
    replay,
    replaying,
    choice,
    marks,
    preferences,
    changePreferences,
    opened,
    open,
    tool,
    crosshair,
    asked,
    keepMark: (mark) => {
      if (mark) marks.add(mark);
      setAsked(null);
    },
    said,
    command,
    retry,
    act,
  };
}
