'use client';

import { Dialog } from '../shell/dialog.tsx';
import { InstrumentFinder } from './instrument-finder.tsx';

/** The search as a dialog over whatever is being looked at. */
export function InstrumentPicker({ open, onClose }: { open: boolean; onClose(): void }) {
  return (
    <Dialog open={open} title="Choose an instrument" onClose={onClose}>
      <InstrumentFinder initialSearch="" onChosen={onClose} />
    </Dialog>
  );
}
