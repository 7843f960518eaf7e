import type { ComponentType } from 'react';
import type { PaneLink } from '../../lib/client/pane-link.ts';
import type { InstrumentSummary } from '../../lib/core/instrument.ts';

/** What a pane keeps of its own in a layout: JSON, read with care, since people edit and send layouts. */
export type PaneSettings = Readonly<Record<string, unknown>>;

/** What a pane of the workspace is given. It fills the room it has, down to 280 × 200 CSS px, and has no header of its own. */
export interface PaneProps {
  /** Unique within the page. */
  readonly paneId: string;
  readonly instrument: InstrumentSummary;
  readonly link: PaneLink;
  readonly settings: PaneSettings;
  onSettings(settings: PaneSettings): void;
}

export interface PaneKind {
  /** In layouts and addresses; never renamed. */
  readonly kind: string;
  readonly title: string;
  readonly Component: ComponentType<PaneProps>;
}
