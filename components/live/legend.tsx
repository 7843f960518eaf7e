'use client';

import { useSyncExternalStore } from 'react';
import type { SessionReadout } from '../../lib/client/session-messages.ts';
import { onThemeChange, shownTheme } from '../../lib/client/theme-choice.ts';
import { formatLots, quantityUnit } from '../../lib/heatmap/format.ts';
import { type HeatmapOptions, stepCutoff, withCutoff } from '../../lib/heatmap/options.ts';
import { cssGradient, PALETTES } from '../../lib/heatmap/palettes.ts';
import { BARS, percentileOf, placeOf, quantityAt } from '../../lib/heatmap/quantity-histogram.ts';

interface Props {
  readonly options: HeatmapOptions;
  readonly readout: SessionReadout | null;
  readonly lotSize: number;
  onOptions(change: Partial<HeatmapOptions>): void;
}

/** What arrow keys on a handle do: percents of the cells, or tenths of the lots. */
const ARROWS: Readonly<Record<string, number>> = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 };

/** Steps of a handle from end to end. */
const STEPS = 480;

const onServer = (): 'dark' => 'dark';

/** What colours mean: the visible sizes as a histogram, and on it the two handles between which the colours run. */
export function Legend({ options, readout, lotSize, onOptions }: Props) {
  const bars = readout?.quantities ?? null;
  const cutoffs = readout?.cutoffs ?? null;
  const unit = quantityUnit(lotSize);
  const theme = useSyncExternalStore(onThemeChange, shownTheme, onServer);
  const palette = PALETTES[options.palette];
  const { bid, ask } = theme === 'light' ? palette.light : palette;
  const sides = bid === ask ? [bid] : [bid, ask];
  const lots = (quantity: number) => formatLots(Math.max(1, Math.round(quantity / lotSize)), 1);
  const [loPlace, hiPlace] = bars && cutoffs ? [placeOf(cutoffs.lo, bars), placeOf(cutoffs.hi, bars)] : [0, 1];
  const most = bars ? Math.max(...bars.counts) : 1;

  const move = (which: 'lo' | 'hi', step: number): void => {
    if (!bars) return;
    const units = quantityAt(step / STEPS, bars);
    const { cutoffs: choice } = options;
    const value = choice.by === 'lots' ? units / lotSize : percentileOf(units, bars);
    const locked = options.locked && { ...options.locked, [which]: units };
    if (locked && locked.lo < locked.hi) onOptions({ locked });
    else if (!locked) onOptions({ cutoffs: withCutoff(choice, which, Math.round(value * 10) / 10) });
  };

  return (
    <figure
      aria-label={`Colour scale, ${unit}`}
      className="flex items-center gap-2 font-mono text-[11px] text-muted tabular-nums"
    >
      <figcaption className="font-sans max-sm:hidden">{unit}</figcaption>
      <div className="w-52 max-sm:w-36">
        <div className="relative h-6">
          <svg viewBox={`0 0 ${BARS} 1`} preserveAspectRatio="none" aria-hidden="true" className="h-full w-full">
            {bars?.counts.map((count, i) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a bar is its place
              <rect key={i} x={i} y={1 - Math.sqrt(count / most)} width={0.85} height={1} className="fill-edge" />
            ))}
          </svg>
          {(['lo', 'hi'] as const).map((which) => (
            <input
              key={which}
              type="range"
              aria-label={which === 'lo' ? 'Lower cut-off' : 'Upper cut-off'}
              aria-valuetext={cutoffs ? `${lots(cutoffs[which])} ${unit}` : 'not known'}
              disabled={!bars}
              min={0}
              max={STEPS}
              value={Math.round((which === 'lo' ? loPlace : hiPlace) * STEPS)}
              onChange={({ target }) => move(which, Number(target.value))}
              onKeyDown={(event) => {
                const steps = ARROWS[event.key];
                if (steps === undefined || options.locked) return;
                // A step on the legend may be less than the next size that there is, and would lead back to where it was.
                event.preventDefault();
                onOptions({ cutoffs: stepCutoff(options.cutoffs, which, steps) });
              }}
              className="cutoff-handle absolute inset-0 h-full w-full"
            />
          ))}
        </div>
        {sides.map((anchors) => (
          <div key={anchors[0]} className="mt-px flex h-1">
            <span style={{ width: `${loPlace * 100}%`, background: anchors[0] }} />
            <span className="flex-1" style={{ backgroundImage: cssGradient(anchors) }} />
            <span style={{ width: `${(1 - hiPlace) * 100}%`, background: anchors.at(-1) }} />
          </div>
        ))}
        <div className="mt-0.5 flex justify-between leading-none">
          <span>≤ {cutoffs ? lots(cutoffs.lo) : '–'}</span>
          <span className="max-sm:hidden">{options.mode}</span>
          <span>≥ {cutoffs ? lots(cutoffs.hi) : '–'}</span>
        </div>
      </div>
    </figure>
  );
}
