import { formatLots, quantityUnit } from '../../lib/heatmap/format.ts';
import { cssGradient, PALETTES, type PaletteName } from '../../lib/heatmap/palettes.ts';

interface Props {
  readonly palette: PaletteName;
  /** Units; null before anything is visible. */
  readonly cutoffs: { readonly lo: number; readonly hi: number } | null;
  readonly lotSize: number;
}

/** What colours mean, in lots: the scale is logarithmic, so its middle is the geometric mean. */
export function Legend({ palette, cutoffs, lotSize }: Props) {
  const { bid, ask } = PALETTES[palette];
  const sides =
    bid === ask
      ? [{ name: 'Bid, ask', anchors: bid }]
      : [
          { name: 'Bid', anchors: bid },
          { name: 'Ask', anchors: ask },
        ];
  const middle = cutoffs && Math.sqrt((cutoffs.lo + 1) * (cutoffs.hi + 1)) - 1;
  const unit = quantityUnit(lotSize);
  const lots = (quantity: number | null) => (quantity === null ? '–' : formatLots(Math.round(quantity / lotSize), 1));
  return (
    <figure
      aria-label={`Colour scale, ${unit}`}
      className="flex items-center gap-2 font-mono text-[11px] text-muted tabular-nums"
    >
      <figcaption className="font-sans max-sm:hidden">{unit}</figcaption>
      <div className="flex flex-col gap-px">
        {sides.map(({ name, anchors }) => (
          <div
            key={name}
            title={name}
            className="h-1.5 w-44 max-sm:w-24"
            style={{ backgroundImage: cssGradient(anchors) }}
          />
        ))}
        <div className="flex w-44 justify-between leading-none max-sm:w-24">
          <span>≤ {lots(cutoffs?.lo ?? null)}</span>
          <span className="max-sm:hidden">{lots(middle)}</span>
          <span>≥ {lots(cutoffs?.hi ?? null)}</span>
        </div>
      </div>
    </figure>
  );
}
