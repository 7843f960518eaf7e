/**
 * What the panes of one colour group have in common beside the instrument: the moment under the cursor and the visible time.
 * It moves with the pointer, so it lives outside React; who draws subscribes.
 */

import type { Evidence } from '../heatmap/evidence.ts';

export interface PaneLinkState {
  /** µs since the epoch; null: no pane of the group has the pointer. */
  readonly cursorUs: number | null;
  /** Visible time, µs since the epoch; null: every pane shows what it likes. */
  readonly range: { readonly fromUs: number; readonly toUs: number } | null;
}

export class PaneLink {
  private current: PaneLinkState = { cursorUs: null, range: null };
  /** Id of the pane that put the cursor where it is. */
  private cursorBy = '';
  private readonly listeners = new Map<(state: PaneLinkState) => void, string>();

  private readonly showers = new Set<(evidence: Evidence) => void>();

  get state(): PaneLinkState {
    return this.current;
  }

  /** @param by id of the pane that moves it, which is not told of its own doing */
  set(part: Partial<PaneLinkState>, by: string): void {
    this.current = { ...this.current, ...part };
    if (part.cursorUs !== undefined) this.cursorBy = by;
    for (const [listener, pane] of this.listeners) if (pane !== by) listener(this.current);
  }

  /** A pane that ends takes its cursor along; another one's stays. */
  leave(pane: string): void {
    if (this.cursorBy === pane && this.current.cursorUs !== null) this.set({ cursorUs: null }, pane);
  }

  /** Lets the heatmaps of the group show what a signal rests on. @returns false where there is none */
  show(evidence: Evidence): boolean {
    for (const show of this.showers) show(evidence);
    return this.showers.size > 0;
  }

  /** Of a pane that can show what a signal rests on. Returns what ends it. */
  onShow(show: (evidence: Evidence) => void): () => void {
    this.showers.add(show);
    return () => this.showers.delete(show);
  }

  /** Returns what ends it. @param pane id of the pane that listens */
  subscribe(pane: string, listener: (state: PaneLinkState) => void): () => void {
    this.listeners.set(listener, pane);
    return () => this.listeners.delete(listener);
  }
}
