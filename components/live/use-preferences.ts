'use client';

import { useEffect, useState } from 'react';
import {
  DEFAULT_PREFERENCES,
  keepPreferences,
  type Preferences,
  readPreferences,
} from '../../lib/client/preferences.ts';

/** What the person has chosen. The server knows nothing of it, so the first rendering has the defaults. */
export function usePreferences(): [Preferences, (change: Partial<Preferences>) => void] {
  const [preferences, setPreferences] = useState(DEFAULT_PREFERENCES);
  useEffect(() => setPreferences(readPreferences()), []);
  const change = (part: Partial<Preferences>) => {
    const next = { ...preferences, ...part };
    setPreferences(next);
    keepPreferences(next);
  };
  return [preferences, change];
}
