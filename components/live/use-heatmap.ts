'use client';

import { type RefObject, useCallback, useEffect, useRef, useState } from 'react';
import { panePath } from '../../lib/client/instruments.ts';
import { askMarket } from '../../lib/client/market-data.ts';
import { type LinkedOptions, type Permalink, permalinkPath } from '../../lib/client/permalink.ts';
import type { Preferences } from '../../lib/client/preferences.ts';
import { asProblem } from '../../lib/client/problem.ts';
import { priceRulePath } from '../../lib/client/rule-draft.ts';
import type { SessionHost } from '../../lib/client/session-host.ts';
import { arrowAction, type ShortcutAction } from '../../lib/client/shortcuts.ts';
import { signalBeside } from '../../lib/client/signal-step.ts';
import type { InstrumentSummary } from '../../lib/core/instrument.ts';
import { formatIstDay, formatIstTime } from '../../lib/heatmap/format.ts';
import { MARKS_MAX, type Mark } from '../../lib/heatmap/marks.ts';
import { isOfProfile, nextRowTicks, stepCutoff, withColumn } from '../../lib/heatmap/options.ts';
import { alertNear, BELL_PX } from '../../lib/heatmap/price-alerts.ts';
import { priceAt } from '../../lib/heatmap/view.ts';
import type { ViewCommand } from '../../lib/heatmap/view-controller.ts';
import type { Marquee } from '../../lib/render/draw-marks.ts';
import { evidenceOf } from '../signals/signal-words.ts';
import { cursorText } from './cursor-words.ts';
import { type LayoutOptions, type OptionsChoice, useHeatmapOptions } from './use-heatmap-options.ts';
import { type Marks, useMarks } from './use-marks.ts';
import { usePreferences } from './use-preferences.ts';
import { type PriceAlerts, usePriceAlerts } from './use-price-alerts.ts';
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
  readonly alerts: PriceAlerts;
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
  /** The chart was clicked, CSS px of its element. */
  clicked(x: number, y: number): void;
  /** Writes a rule on a price, price units. */
  writeAlert(price: number): void;
  /** @param withShift the key was pressed with Shift beside its own */
  act(action: ShortcutAction, withShift?: boolean): void;
}

/** So near to its line a click is one on its bell, CSS px. */
const BELL_REACH_PX = 10;
/** So much of the width shows what came after a signal. */
const AFTER_SHARE = 0.3;

const NOTHING_LINKED: LinkedOptions = {};

/**
 * Everything behind one heatmap: its session, what was chosen, what is open, and what its keys do.
 *
 * @param replayFrom instant from which on it is replayed; null: live
 * @param permalink the picture that the address asks for; null: what is live
 * @param layout keeps the options of a pane; null: they are the instrument's
 */
export function useHeatmap(
  instrument: InstrumentSummary,
  replayFrom: string | null,
  permalink: Permalink | null,
  layout: LayoutOptions | null = null,
): Heatmap {
  const host = useRef<HTMLDivElement>(null);
  const [preferences, changePreferences] = usePreferences();
  const choice = useHeatmapOptions(instrument.slug, permalink?.options ?? NOTHING_LINKED, layout);
  const [crosshair, setCrosshair] = useState(false);
  const [opened, open] = useState<Opened>(null);
  const [tool, setTool] = useState<Marquee['kind'] | null>(null);
  const [asked, setAsked] = useState<Mark | null>(null);
  const [said, setSaid] = useState('');
  const replay = useReplay(instrument, replayFrom);
  const { options, change } = choice;
  const session = useSession(host, instrument, options, replay.id);
  const marks = useMarks(instrument.slug, session);
  const alerts = usePriceAlerts(instrument.slug, session);
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

  const writeAlert = (price: number): void => {
    const last = session?.store.readout()?.last?.price ?? price;
    window.open(priceRulePath(instrument.slug, price, price >= last ? 'above' : 'below'), 'gehra rules');
  };

  /** A bell that is clicked says what it is. */
  const clicked = async (x: number, y: number): Promise<void> => {
    if (alerts.list.length === 0) return;
    const shown = await session?.view();
    if (!shown || x > shown.chart.x + BELL_PX) return;
    const price = priceAt(shown, shown.chart, y);
    alerts.choose(alertNear(alerts.list, price, BELL_REACH_PX * shown.unitsPerPx));
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

  const stepSignal = async (step: 1 | -1): Promise<void> => {
    const shown = await session?.view();
    if (!shown) return;
    const afterUs = AFTER_SHARE * shown.chart.width * shown.usPerPx;
    // At the live edge everything is past; where a signal is looked at, it stands so far from the right edge.
    const lookedAtUs = shown.following ? shown.rightUs : shown.rightUs - afterUs;
    const atUs = replaying ? (session?.store.readout()?.nowUs ?? 0) : lookedAtUs;
    try {
      const clock = session?.store.readout()?.replay ?? null;
      const nowMs = clock ? clock.toUs / 1000 : Date.now();
      const signal = await signalBeside(askMarket, instrument.slug, atUs / 1000, step, nowMs);
      if (!signal || (clock && Date.parse(signal.time) * 1000 < clock.fromUs)) {
        const where = clock ? 'in this replay' : 'within a week';
        setSaid(step === 1 ? 'No later signal' : `No earlier signal ${where}`);
        return;
      }
      const evidence = evidenceOf(signal);
      const timeUs = Date.parse(signal.time) * 1000;
      session?.post({ type: 'evidence', evidence, go: false });
      if (replaying) replay.change({ seek: String(timeUs / 1000) });
      else {
        const { lowPrice, highPrice } = evidence;
        const price =
          lowPrice === null || highPrice === null
            ? undefined
            : { centre: (lowPrice + highPrice) / 2, unitsPerPx: shown.unitsPerPx };
        command({ type: 'goTo', rightUs: timeUs + afterUs, price });
      }
      setSaid(`${signal.words}, ${formatIstDay(timeUs)}, ${formatIstTime(timeUs)}`);
    } catch (error) {
      setSaid(`Signals could not be loaded: ${asProblem(error).detail}`);
    }
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
      case 'toggleChanges':
        change({ changes: !options.changes });
        break;
      case 'toggleHeat':
        change({ heat: !options.heat });
        break;
      case 'toggleProfile':
        change({ columns: withColumn(options.columns, 'volume', !options.columns.includes('volume')) });
        break;
      case 'anchor':
        if (place) {
          const columns = options.columns.some(isOfProfile)
            ? options.columns
            : withColumn(options.columns, 'volume', true);
          change({ columns, profileSpan: 'anchored', anchorUs: place.columnStartUs });
        } else setSaid('Point at a place first');
        break;
      case 'stepSignal':
        void stepSignal(action.step);
        break;
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
          // Over plain http on any address but this machine's there is no randomUUID.
          const made = { id: crypto.getRandomValues(new Uint32Array(4)).join('-'), price, text: '' };
          setAsked(action.kind === 'level' ? { kind: 'level', ...made } : { kind: 'note', ...made, timeUs });
        } else setSaid(place ? 'There are too many levels and notes' : 'Point at a place first');
        break;
      case 'alert':
        if (place) {
          const rowUnits = (session?.store.readout()?.rowTicks ?? 1) * instrument.tickSize;
          const there = alertNear(alerts.list, place.price, rowUnits / 2);
          if (there) alerts.choose(there);
          else writeAlert(place.price);
        } else setSaid('Point at a place first');
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
    alerts,
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
    clicked: (x, y) => void clicked(x, y),
    writeAlert,
    act,
  };
}
