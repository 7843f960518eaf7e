'use client';

import { useEffect, useState } from 'react';

const CARRIED_BY = ['class', 'data-theme'];

const themeNow = (): string => CARRIED_BY.map((name) => document.documentElement.getAttribute(name) ?? '').join(' ');

/** How often the page's theme has changed: what is drawn on a canvas does not change with it by itself. */
export function useThemeChanges(): number {
  const [changes, setChanges] = useState(0);
  useEffect(() => {
    let theme = themeNow();
    const observer = new MutationObserver(() => {
      if (themeNow() === theme) return;
      theme = themeNow();
      setChanges((before) => before + 1);
    });
    observer.observe(document.documentElement, { attributeFilter: CARRIED_BY });
    return () => observer.disconnect();
  }, []);
  return changes;
}
