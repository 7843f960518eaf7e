/** What a person has chosen, kept in this browser. */
import { isPaletteName, type PaletteName } from '../heatmap/palettes.ts';

export interface Preferences {
  readonly palette: PaletteName;
  readonly bubbles: boolean;
  /** Single-key shortcuts, which speech input may trigger by accident (WCAG 2.1.4). */
  readonly shortcuts: boolean;
}

const KEY = 'gehra.preferences';

export const DEFAULT_PREFERENCES: Preferences = { palette: 'thermal', bubbles: true, shortcuts: true };

/** The defaults where nothing (or nothing readable) is kept. */
export function readPreferences(): Preferences {
  const kept = stored();
  return {
    palette: isPaletteName(String(kept.palette)) ? (kept.palette as PaletteName) : DEFAULT_PREFERENCES.palette,
    bubbles: kept.bubbles !== false,
    shortcuts: kept.shortcuts !== false,
  };
}

export function keepPreferences(preferences: Preferences): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(preferences));
  } catch (error) {
    // Storage may be full or forbidden; the choice still holds until the page is left.
    console.warn('preferences_not_kept', error);
  }
}

function stored(): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(KEY) ?? '{}');
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch (error) {
    console.warn('preferences_unreadable', error);
    return {};
  }
}
