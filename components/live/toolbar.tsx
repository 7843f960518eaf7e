'use client';

import clsx from 'clsx';
import {
  CalendarSearch,
  CircleHelp,
  History,
  Link2,
  LocateFixed,
  Lock,
  LockOpen,
  Pause,
  Play,
  Ruler,
  SlidersHorizontal,
  SquareDashedMousePointer,
  Undo2,
  ZoomIn,
  ZoomOut,
} from 'lucide-react';
import type { ReactNode } from 'react';
import type { SessionHost } from '../../lib/client/session-host.ts';
import type { InstrumentSummary } from '../../lib/core/instrument.ts';
import type { HeatmapOptions } from '../../lib/heatmap/options.ts';
import { PALETTE_NAMES, PALETTES, type PaletteName } from '../../lib/heatmap/palettes.ts';
import { ROW_TICKS } from '../../lib/heatmap/price-rows.ts';
import { tierName } from '../../lib/heatmap/tiers.ts';
import type { ViewCommand } from '../../lib/heatmap/view-controller.ts';
import type { Marquee } from '../../lib/render/draw-marks.ts';
import { Legend } from './legend.tsx';
import { useReadout } from './use-session.ts';

interface Props {
  readonly instrument: InstrumentSummary;
  readonly session: SessionHost | null;
  readonly options: HeatmapOptions;
  onOptions(change: Partial<HeatmapOptions>): void;
  readonly tool: Marquee['kind'] | null;
  onTool(tool: Marquee['kind']): void;
  readonly choosing: boolean;
  onChoose(): void;
  onLock(): void;
  onJump(): void;
  onCopyLink(): void;
  onCommand(command: ViewCommand): void;
  onHelp(): void;
  /** A replay has its own pause, in its own bar. */
  readonly replaying: boolean;
  onReplay(): void;
}

/** Zoom of one press of a button. */
const ZOOM_STEP = 1.5;

export function Toolbar(props: Props) {
  const { instrument, session, options, onOptions, tool, onTool, onCommand, onHelp, replaying, onReplay } = props;
  const { rowTicks } = options;
  const readout = useReadout(session);
  const shownTicks = readout?.rowTicks ?? 1;
  return (
    <div
      role="toolbar"
      aria-label="Heatmap"
      className="flex flex-wrap items-center gap-x-3 gap-y-1 border-b border-line bg-panel px-3 py-1"
    >
      <div className="flex items-center gap-1">
        {replaying ? null : (
          <IconButton
            name={readout?.paused ? 'Go on' : 'Pause'}
            keys="Space"
            pressed={readout?.paused ?? false}
            onPress={() => onCommand({ type: 'togglePause' })}
          >
            {readout?.paused ? <Play aria-hidden="true" /> : <Pause aria-hidden="true" />}
          </IconButton>
        )}
        <IconButton
          name="Follow the market"
          keys="F"
          pressed={readout?.following ?? true}
          onPress={() => onCommand({ type: 'toggleFollow' })}
        >
          <LocateFixed aria-hidden="true" />
        </IconButton>
        <IconButton
          name="Zoom time in"
          keys="+"
          className="max-sm:hidden"
          onPress={() => onCommand({ type: 'zoomTime', factor: 1 / ZOOM_STEP, x: null })}
        >
          <ZoomIn aria-hidden="true" />
        </IconButton>
        <IconButton
          name="Zoom time out"
          keys="−"
          className="max-sm:hidden"
          onPress={() => onCommand({ type: 'zoomTime', factor: ZOOM_STEP, x: null })}
        >
          <ZoomOut aria-hidden="true" />
        </IconButton>
        <IconButton
          name="Drag a rectangle to zoom"
          keys="Z"
          className="max-sm:hidden"
          pressed={tool === 'zoom'}
          onPress={() => onTool('zoom')}
        >
          <SquareDashedMousePointer aria-hidden="true" />
        </IconButton>
        <IconButton
          name="Ruler"
          keys="R"
          className="max-sm:hidden"
          pressed={tool === 'ruler'}
          onPress={() => onTool('ruler')}
        >
          <Ruler aria-hidden="true" />
        </IconButton>
        <IconButton
          name="View before"
          keys="Ctrl Z"
          disabled={!readout?.undoable}
          onPress={() => onCommand({ type: 'undo' })}
        >
          <Undo2 aria-hidden="true" />
        </IconButton>
        <IconButton name="Jump to a day" keys="J" onPress={props.onJump}>
          <CalendarSearch aria-hidden="true" />
        </IconButton>
        <IconButton
          name="Copy the address of this picture"
          keys="Y"
          className="max-sm:hidden"
          onPress={props.onCopyLink}
        >
          <Link2 aria-hidden="true" />
        </IconButton>
        <IconButton name="Options" keys="O" pressed={props.choosing} onPress={props.onChoose}>
          <SlidersHorizontal aria-hidden="true" />
        </IconButton>
        <IconButton name="Replay a past time" onPress={onReplay} pressed={replaying}>
          <History aria-hidden="true" />
        </IconButton>
      </div>
      <span className="flex items-center gap-1.5 text-[12px] text-muted max-sm:order-1">
        Column
        <span className="min-w-[6ch] font-mono text-ink tabular-nums">{tierName(readout?.tier ?? 0)}</span>
      </span>
      <label className="flex items-center gap-1.5 text-[12px] text-muted">
        <span className="max-sm:sr-only">Row</span>
        <select
          value={rowTicks ?? 'auto'}
          onChange={({ target }) => onOptions({ rowTicks: target.value === 'auto' ? null : Number(target.value) })}
          className="rounded border border-line bg-raised px-1.5 py-0.5 font-mono text-ink"
        >
          <option value="auto">Auto · {ticksWords(shownTicks)}</option>
          {ROW_TICKS.map((ticks) => (
            <option key={ticks} value={ticks}>
              {ticksWords(ticks)}
            </option>
          ))}
        </select>
        {rowTicks !== null && rowTicks !== shownTicks ? (
          <span className="font-mono text-warn">shown: {ticksWords(shownTicks)}</span>
        ) : null}
      </label>
      <label className="flex items-center gap-1.5 text-[12px] text-muted">
        <span className="max-sm:sr-only">Colours</span>
        <select
          value={options.palette}
          onChange={({ target }) => onOptions({ palette: target.value as PaletteName })}
          className="rounded border border-line bg-raised px-1.5 py-0.5 text-ink max-sm:w-24"
        >
          {PALETTE_NAMES.map((name) => (
            <option key={name} value={name}>
              {PALETTES[name].label}
            </option>
          ))}
        </select>
      </label>
      <label className="flex items-center gap-1.5 text-[12px] text-muted">
        <input
          type="checkbox"
          checked={options.bubbles}
          onChange={({ target }) => onOptions({ bubbles: target.checked })}
          className="size-3.5 accent-bid"
        />
        Trades
      </label>
      <span data-tour="legend" className="ml-auto flex items-center gap-1 max-sm:order-1">
        <Legend options={options} readout={readout} lotSize={instrument.lotSize} onOptions={onOptions} />
        <IconButton
          name={options.locked ? 'Let the colours follow' : 'Lock the colours'}
          keys="K"
          pressed={options.locked !== null}
          onPress={props.onLock}
        >
          {options.locked ? <Lock aria-hidden="true" /> : <LockOpen aria-hidden="true" />}
        </IconButton>
      </span>
      <IconButton name="Keys and help" keys="?" onPress={onHelp} className="max-sm:hidden">
        <CircleHelp aria-hidden="true" />
      </IconButton>
    </div>
  );
}

const ticksWords = (ticks: number): string => (ticks === 1 ? '1 tick' : `${ticks} ticks`);

interface IconButtonProps {
  readonly name: string;
  /** The key that does the same, where there is one. */
  readonly keys?: string;
  readonly pressed?: boolean;
  readonly disabled?: boolean;
  readonly className?: string;
  readonly children: ReactNode;
  onPress(): void;
}

export function IconButton({ name, keys, pressed, disabled = false, className, children, onPress }: IconButtonProps) {
  return (
    <button
      type="button"
      aria-label={name}
      aria-pressed={pressed}
      disabled={disabled}
      title={keys === undefined ? name : `${name} (${keys})`}
      onClick={onPress}
      className={clsx(
        'grid size-7 place-items-center rounded border disabled:opacity-50 [&>svg]:size-4',
        pressed ? 'border-bid bg-bid/20 text-ink' : 'border-line bg-raised text-muted hover:bg-hover hover:text-ink',
        className,
      )}
    >
      {children}
    </button>
  );
}
