'use client';

import type { InstrumentSummary } from '../../lib/core/instrument.ts';
import { Dialog } from '../shell/dialog.tsx';
import { InstrumentFinder } from './instrument-finder.tsx';

interface Props {
  readonly open: boolean;
  onClose(): void;
  /** Takes the chosen instrument; without it its page is opened. */
  onPick?(instrument: InstrumentSummary): void;
}

/** The search as a dialog over whatever is being looked at. */
export function InstrumentPicker({ open, onClose, onPick }: Props) {
  return (
    <Dialog open={open} title="Choose an instrument" onClose={onClose}>
      <InstrumentFinder initialSearch="" onChosen={onClose} {...(onPick ? { onPick } : {})} />
    </Dialog>
  );
}
