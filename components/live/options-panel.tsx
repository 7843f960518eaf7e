'use client';

import { X } from 'lucide-react';
import { type ReactNode, useEffect, useRef } from 'react';
import type { InstrumentSummary } from '../../lib/core/instrument.ts';
import { COLOUR_MODES } from '../../lib/heatmap/colour-scale.ts';
import { formatIstDay, formatIstTime, formatPrice, quantityUnit } from '../../lib/heatmap/format.ts';
import {
  BOOK_NUMBERS,
  BOOK_SIDES,
  BOOK_WIDTH,
  CENTRE_MODES,
  CHANGE_ONE_IN,
  CLUSTER_MS,
  CLUSTER_TICKS,
  COLUMN_WIDTH,
  type CutoffChoice,
  DIM,
  GAMMA,
  type HeatmapOptions,
  PROFILE_SPANS,
  QUOTE_MODES,
  QUOTE_SPANS,
  SIDE_COLUMNS,
  withColumn,
  withCutoff,
} from '../../lib/heatmap/options.ts';
import { TILE_VALUES } from '../../lib/heatmap/tile.ts';
import { Check, Choice, NumberField, Slide } from './option-fields.tsx';
import type { OptionsChoice } from './use-heatmap-options.ts';
import type { Marks } from './use-marks.ts';
import type { PriceAlerts } from './use-price-alerts.ts';

interface Props {
  readonly instrument: InstrumentSummary;
  readonly choice: OptionsChoice;
  readonly marks: Marks;
  readonly alerts: PriceAlerts;
  /** Units the colours run between now; null before anything is visible. */
  readonly cutoffs: { readonly lo: number; readonly hi: number } | null;
  /** Anchors the profile at the crosshair. */
  onAnchor(): void;
  onClose(): void;
}

/** Everything that can be chosen about the picture. Beside it, so that each choice is seen at once; Escape closes it. */
export function OptionsPanel({ instrument, choice, marks, alerts, cutoffs, onAnchor, onClose }: Props) {
  const { options, change } = choice;
  const panel = useRef<HTMLElement>(null);
  useEffect(() => panel.current?.focus(), []);
  const unit = quantityUnit(instrument.lotSize);
  return (
    <section
      ref={panel}
      tabIndex={-1}
      aria-label="Options"
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        event.stopPropagation();
        event.preventDefault();
        onClose();
      }}
      className="absolute inset-y-0 left-0 z-20 w-80 max-w-full overflow-y-auto border-r border-edge bg-panel/95 p-3 text-[12px] focus:outline-none"
    >
      <div className="flex items-center justify-between">
        <h2 className="text-[13px] font-semibold">Options</h2>
        <button
          type="button"
          aria-label="Close options"
          onClick={onClose}
          className="rounded p-1 text-muted hover:bg-hover"
        >
          <X aria-hidden="true" className="size-4" />
        </button>
      </div>
      <Group name="Colours">
        <Check label="Heatmap" on={options.heat} onChange={(heat) => change({ heat })} />
        <Choice label="Scale" value={options.mode} of={COLOUR_MODES} onChange={(mode) => change({ mode })} />
        <Slide label="Gamma" value={options.gamma} {...GAMMA} onChange={(gamma) => change({ gamma })} />
        <Slide label="Dim" value={options.dim} {...DIM} onChange={(dim) => change({ dim })} />
        <Cutoffs choice={options.cutoffs} unit={unit} onChange={(it) => change({ cutoffs: it, locked: null })} />
        <Check
          label="Lock the colours"
          on={options.locked !== null}
          disabled={!cutoffs}
          onChange={(on) => change({ locked: on ? cutoffs : null })}
        />
      </Group>
      <Group name="Cells">
        <Choice
          label="Of columns of 5 s and more"
          value={options.cellValue}
          of={TILE_VALUES}
          onChange={(cellValue) => change({ cellValue })}
        />
        <NumberField label={`Least ${unit}`} value={options.minLots} onChange={(minLots) => change({ minLots })} />
        <NumberField label="Least orders" value={options.minOrders} onChange={(minOrders) => change({ minOrders })} />
        <Check
          label="Only walls (from the upper cut-off on)"
          on={options.wallsOnly}
          onChange={(wallsOnly) => change({ wallsOnly })}
        />
        <Check label="Numbers in large cells" on={options.values} onChange={(values) => change({ values })} />
        <Choice label="Best prices" value={options.quotes} of={QUOTE_MODES} onChange={(quotes) => change({ quotes })} />
        <Choice
          label="Best prices of wide columns"
          value={options.quoteSpan}
          of={QUOTE_SPANS}
          onChange={(quoteSpan) => change({ quoteSpan })}
        />
      </Group>
      <Group name="Bubbles">
        <Choice
          label="Join trades within, ms"
          value={options.clusterMs}
          of={CLUSTER_MS}
          onChange={(clusterMs) => change({ clusterMs })}
        />
        <Choice
          label="And within, ticks (0: a price row)"
          value={options.clusterTicks}
          of={CLUSTER_TICKS}
          onChange={(clusterTicks) => change({ clusterTicks })}
        />
        <NumberField
          label={`Least ${unit} of a trade`}
          value={options.minTradeLots}
          onChange={(minTradeLots) => change({ minTradeLots })}
        />
        <NumberField
          label={`Least ${unit} of a bubble`}
          value={options.minBubbleLots}
          onChange={(minBubbleLots) => change({ minBubbleLots })}
        />
      </Group>
      <Group name="Big changes">
        <Check
          label="Mark what comes and what is pulled"
          on={options.changes}
          onChange={(changes) => change({ changes })}
        />
        <Choice
          label="The largest, one in"
          value={options.changeOneIn}
          of={CHANGE_ONE_IN}
          onChange={(changeOneIn) => change({ changeOneIn })}
        />
        <NumberField
          label={`Least ${unit} of a change`}
          value={options.minChangeLots}
          onChange={(minChangeLots) => change({ minChangeLots })}
        />
      </Group>
      <Group name="Columns beside the chart">
        {SIDE_COLUMNS.map((column) => (
          <div key={column}>
            <Check
              label={COLUMN_WORDS[column]}
              on={options.columns.includes(column)}
              onChange={(on) => change({ columns: withColumn(options.columns, column, on) })}
            />
            {options.columns.includes(column) ? (
              <Choice
                label={COLUMN_STANDS[column]}
                value={options.leftColumns.includes(column) ? 'left' : 'right'}
                of={['left', 'right'] as const}
                onChange={(to) => change({ leftColumns: withColumn(options.leftColumns, column, to === 'left') })}
              />
            ) : null}
          </div>
        ))}
        <Choice
          label="Profile of"
          value={options.profileSpan}
          of={PROFILE_SPANS}
          onChange={(profileSpan) => change({ profileSpan })}
        />
        {options.profileSpan === 'anchored' ? <Anchor anchorUs={options.anchorUs} onAnchor={onAnchor} /> : null}
        <Slide
          label="Width of a column, px"
          value={options.columnWidth ?? 72}
          {...COLUMN_WIDTH}
          step={4}
          onChange={(columnWidth) => change({ columnWidth })}
        />
        <Check label="Volume and gaps below the chart" on={options.strip} onChange={(strip) => change({ strip })} />
      </Group>
      <Group name="Book">
        <Slide
          label="Width, px"
          value={options.bookWidth ?? 160}
          {...BOOK_WIDTH}
          step={4}
          onChange={(bookWidth) => change({ bookWidth })}
        />
        <Choice
          label="Sides"
          value={options.bookSides}
          of={BOOK_SIDES}
          onChange={(bookSides) => change({ bookSides })}
        />
        <Choice
          label="Numbers"
          value={options.bookNumbers}
          of={BOOK_NUMBERS}
          onChange={(bookNumbers) => change({ bookNumbers })}
        />
        <Check label="Orders" on={options.bookOrders} onChange={(bookOrders) => change({ bookOrders })} />
        <Check
          label="Line of the sum from the touch"
          on={options.bookDepth}
          onChange={(bookDepth) => change({ bookDepth })}
        />
      </Group>
      <Group name="Following">
        <Choice
          label="Centre the price"
          value={options.centre}
          of={CENTRE_MODES}
          onChange={(centre) => change({ centre })}
        />
      </Group>
      <Group name="Levels and notes">
        <MarkList instrument={instrument} marks={marks} />
      </Group>
      <Group name="Alerts on a price">
        <AlertList instrument={instrument} alerts={alerts} />
      </Group>
      <div className="mt-4 flex flex-wrap gap-2 border-t border-line pt-3">
        <button
          type="button"
          onClick={choice.applyToAll}
          className="rounded border border-edge px-2 py-1 hover:bg-hover"
        >
          Apply to all instruments
        </button>
        <button type="button" onClick={choice.reset} className="rounded border border-edge px-2 py-1 hover:bg-hover">
          Defaults
        </button>
      </div>
    </section>
  );
}

const COLUMN_WORDS: Readonly<Record<HeatmapOptions['columns'][number], string>> = {
  volume: 'Volume profile, with POC and value area',
  delta: 'Delta profile',
  trades: 'Number of trades',
  notes: 'Levels and notes, by price',
  pullStack: 'Pull and stack: change of the book in 5 s',
};

const COLUMN_STANDS: Readonly<Record<HeatmapOptions['columns'][number], string>> = {
  volume: 'Volume stands',
  delta: 'Delta stands',
  trades: 'Trades stand',
  notes: 'Notes stand',
  pullStack: 'Pull and stack stands',
};

interface CutoffsProps {
  readonly choice: CutoffChoice;
  readonly unit: string;
  onChange(choice: CutoffChoice): void;
}

/** Both ends of the colours by number, and what they count. */
function Cutoffs({ choice, unit, onChange }: CutoffsProps) {
  return (
    <>
      <Choice
        label="Cut off by"
        value={choice.by}
        of={['percentile', 'lots'] as const}
        onChange={(by) => onChange(by === 'percentile' ? { by, lo: 50, hi: 99 } : { by, lo: 1, hi: 100 })}
      />
      {(['lo', 'hi'] as const).map((which) => (
        <NumberField
          key={which}
          label={`${which === 'lo' ? 'Lower' : 'Upper'} end, ${choice.by === 'lots' ? unit : '%'}`}
          value={choice[which]}
          onChange={(value) => onChange(withCutoff(choice, which, value))}
        />
      ))}
    </>
  );
}

function Anchor({ anchorUs, onAnchor }: { anchorUs: number | null; onAnchor(): void }) {
  return (
    <div className="flex items-center justify-between gap-3">
      <span className="text-muted">
        {anchorUs === null ? 'Point and press E' : `From ${formatIstDay(anchorUs)}, ${formatIstTime(anchorUs)}`}
      </span>
      <button type="button" onClick={onAnchor} className="rounded border border-edge px-2 py-0.5 hover:bg-hover">
        At the crosshair
      </button>
    </div>
  );
}

function MarkList({ instrument, marks }: { instrument: InstrumentSummary; marks: Marks }) {
  if (marks.list.length === 0)
    return <p className="text-muted">None yet: V puts a level at the crosshair, N a note.</p>;
  return (
    <ul className="space-y-1">
      {marks.list.map((mark) => (
        <li key={mark.id} className="flex items-baseline gap-2">
          <span className="font-mono tabular-nums">{formatPrice(mark.price, instrument)}</span>
          <span className="flex-1 break-words">
            {mark.text}
            {mark.kind === 'note' ? (
              <span className="text-muted">{` ${formatIstDay(mark.timeUs)}, ${formatIstTime(mark.timeUs)}`}</span>
            ) : null}
          </span>
          <button
            type="button"
            aria-label={`Remove ${mark.kind} ${mark.text}`.trim()}
            onClick={() => marks.remove(mark.id)}
            className="rounded p-0.5 text-muted hover:bg-hover"
          >
            <X aria-hidden="true" className="size-3.5" />
          </button>
        </li>
      ))}
    </ul>
  );
}

function AlertList({ instrument, alerts }: { instrument: InstrumentSummary; alerts: PriceAlerts }) {
  const { list, fault, mayChange, busy } = alerts;
  return (
    <>
      {list.length === 0 && !fault ? <p className="text-muted">None yet: A writes one at the crosshair.</p> : null}
      <ul className="space-y-1">
        {list.map(({ id, name, price, direction, isOn }) => (
          <li key={id} className="flex items-baseline gap-2">
            <span className="font-mono tabular-nums">
              {`${direction === 'above' ? '↑' : '↓'} ${formatPrice(price, instrument)}`}
            </span>
            <span className="flex-1 break-words">
              {name}
              {isOn ? null : <span className="text-muted"> off</span>}
            </span>
            {mayChange ? (
              <button
                type="button"
                aria-label={`Delete alert ${name}`}
                disabled={busy}
                onClick={() => alerts.remove(id)}
                className="rounded p-0.5 text-muted hover:bg-hover"
              >
                <X aria-hidden="true" className="size-3.5" />
              </button>
            ) : null}
          </li>
        ))}
      </ul>
      {fault ? <p className="text-down">{fault}</p> : null}
    </>
  );
}

function Group({ name, children }: { name: string; children: ReactNode }) {
  return (
    <fieldset className="mt-3 flex flex-col gap-1.5 border-t border-line pt-2">
      <legend className="pr-2 text-[11px] font-semibold text-muted">{name}</legend>
      {children}
    </fieldset>
  );
}
