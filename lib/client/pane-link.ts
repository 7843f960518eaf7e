/**
 * What the panes of one colour group have in common beside the instrument: the moment under the cursor and the visible time.
 * It moves with the pointer, so it lives outside React; who draws subscribes.
 */

export interface PaneLinkState {
  /** µs since the epoch; null: no pane of the group has the pointer. */
  readonly cursorUs: number | null;
  /** Visible time, µs since the epoch; null: every pane shows what it likes. */
  readonly range: { readonly fromUs: number; readonly toUs: number } | null;
}

export class PaneLink {
  private current: PaneLinkState = { cursorUs: null, range: null };
  private readonly listeners = new Map<(state: PaneLinkState) => void, string>();

  get state(): PaneLinkState {
    return this.current;
  }

  /** @param by id of the pane that moves it, which is not told of its own doing */
  set(part: Partial<PaneLinkState>, by: string): void {
    this.current = { ...this.current, ...part };
    for (const [listener, pane] of this.listeners) if (pane !== by) listener(this.current);
  }

  /** Returns what ends it. @param pane id of the pane that listens */
  subscribe(pane: string, listener: (state: PaneLinkState) => void): () => void {
    this.listeners.set(listener, pane);
    return () => this.listeners.delete(listener);
  }
}
