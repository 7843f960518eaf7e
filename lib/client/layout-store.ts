/** The layout at work and the named ones, kept in this browser. */
import { EMPTY_LAYOUT, type Layout, LayoutError, readLayout } from './workspace-layout.ts';

export interface KeptLayouts {
  readonly current: Layout;
  /** Name of the saved layout that the current one came from; null: none. */
  readonly name: string | null;
  readonly saved: readonly SavedLayout[];
}

export interface SavedLayout {
  readonly name: string;
  readonly layout: Layout;
}

const KEY = 'gehra.workspace';
export const NAME_LENGTH_MAX = 60;

const NOTHING: KeptLayouts = { current: EMPTY_LAYOUT, name: null, saved: [] };

/** Nothing where nothing is kept. What cannot be read any more is left out, and said in the console. */
export function readLayouts(kinds: readonly string[]): KeptLayouts {
  try {
    const text = localStorage.getItem(KEY);
    if (text === null) return NOTHING;
    const kept = JSON.parse(text) as { current?: unknown; name?: unknown; saved?: unknown };
    const saved = Array.isArray(kept.saved) ? kept.saved : [];
    return {
      current: readOne(kept.current, kinds) ?? EMPTY_LAYOUT,
      name: typeof kept.name === 'string' ? kept.name : null,
      saved: saved.flatMap(({ name, layout }: { name: unknown; layout: unknown }) => {
        const read = readOne(layout, kinds);
        return typeof name === 'string' && read ? [{ name, layout: read }] : [];
      }),
    };
  } catch (error) {
    console.warn('layouts_unreadable', error);
    return NOTHING;
  }
}

/** Changes what is kept, as it is now: another tab may have changed it meanwhile. */
export function keepLayouts(kinds: readonly string[], part: (kept: KeptLayouts) => Partial<KeptLayouts>): KeptLayouts {
  const kept = readLayouts(kinds);
  const next = { ...kept, ...part(kept) };
  try {
    localStorage.setItem(KEY, JSON.stringify(next));
  } catch (error) {
    // Storage may be full or forbidden; the layout still holds until the page is left.
    console.warn('layouts_not_kept', error);
  }
  return next;
}

function readOne(value: unknown, kinds: readonly string[]): Layout | null {
  try {
    return readLayout(value, kinds);
  } catch (error) {
    if (!(error instanceof LayoutError)) throw error;
    console.warn('layout_left_out', error.message);
    return null;
  }
}
