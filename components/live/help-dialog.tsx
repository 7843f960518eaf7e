'use client';

import { HelpSheet } from '../shell/help-sheet.tsx';

interface Props {
  readonly open: boolean;
  readonly singleKeys: boolean;
  onClose(): void;
  onSingleKeys(on: boolean): void;
}

export function HelpDialog({ open, singleKeys, onClose, onSingleKeys }: Props) {
  return (
    <HelpSheet open={open} title="Keys and gestures" onClose={onClose}>
      <ul className="mt-4 list-disc space-y-1 border-t border-line pt-3 pl-4 text-muted">
        <li>Drag the chart to pan: that leaves live. The wheel zooms time; while following, the live edge stays.</li>
        <li>Wheel over, or drag, the price axis or the time axis to zoom it; double-click resets it.</li>
        <li>On a touch screen: one finger pans, two zoom both axes, a tap places the crosshair.</li>
        <li>Hatched: the feed has no data for that time. Plain: nothing was recorded, or it is not loaded yet.</li>
        <li>
          Bubbles are trades, their area is the volume. A dashed outline: who initiated is inferred, not observed.
        </li>
      </ul>
      <label className="mt-4 flex items-center gap-2 border-t border-line pt-3">
        <input
          type="checkbox"
          checked={singleKeys}
          onChange={({ target }) => onSingleKeys(target.checked)}
          className="size-4 accent-bid"
        />
        Single-key shortcuts everywhere on the page (off: only while the heatmap has the focus)
      </label>
    </HelpSheet>
  );
}
