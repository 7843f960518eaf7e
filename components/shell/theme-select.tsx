'use client';

import { useSyncExternalStore } from 'react';
import {
  chooseTheme,
  onThemeChange,
  THEME_CHOICES,
  type ThemeChoice,
  themeChoice,
} from '../../lib/client/theme-choice.ts';

const NAMES: Readonly<Record<ThemeChoice, string>> = { system: 'System', dark: 'Dark', light: 'Light' };
const onServer = (): ThemeChoice => 'system';

/** The theme of all pages, in this browser. */
export function ThemeSelect({ className }: { className?: string }) {
  const choice = useSyncExternalStore(onThemeChange, themeChoice, onServer);
  return (
    <label className={className}>
      <span className="sr-only">Theme</span>
      <select
        value={choice}
        title="Theme"
        onChange={({ target }) => chooseTheme(THEME_CHOICES.find((each) => each === target.value) ?? 'system')}
        className="rounded border border-line bg-raised px-1.5 py-0.5 text-ink"
      >
        {THEME_CHOICES.map((each) => (
          <option key={each} value={each}>
            {NAMES[each]}
          </option>
        ))}
      </select>
    </label>
  );
}
