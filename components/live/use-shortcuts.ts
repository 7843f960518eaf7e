'use client';

import { type RefObject, useEffect, useRef } from 'react';
import { type ShortcutAction, shortcutOf } from '../../lib/client/shortcuts.ts';

interface Options {
  /** Arrows move the crosshair instead of the picture. */
  readonly crosshair: boolean;
  /** False: only keys with Ctrl or ⌘ outside of the heatmap. */
  readonly singleKeys: boolean;
  /** Only keys pressed in it count: there are others like it on the page. */
  readonly within?: RefObject<HTMLElement | null>;
  act(action: ShortcutAction): void;
}

/** Elements that have a use of their own for all keys … */
const KEY_USERS = 'input:not([type="checkbox"]), select, textarea, dialog, [contenteditable]';
/** … and for those that press them. */
const PRESSED_BY_KEY = 'button, a, summary, input[type="checkbox"]';
const PRESSING_KEYS = ['Enter', ' '];

/** Listens to the page's keys, unless something else has the focus that uses them. */
export function useShortcuts(options: Options): void {
  const latest = useRef(options);
  useEffect(() => {
    latest.current = options;
  });

  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const { crosshair, singleKeys, within, act } = latest.current;
      if (event.defaultPrevented) return;
      const action = shortcutOf(event, crosshair);
      if (!action) return;
      const chord = event.ctrlKey || event.metaKey;
      const target = event.target instanceof Element ? event.target : document.body;
      if (within && !within.current?.contains(target)) return;
      if (!chord && target.closest(KEY_USERS)) return;
      if (PRESSING_KEYS.includes(event.key) && target.closest(PRESSED_BY_KEY)) return;
      const onHeatmap = target.closest('[data-heatmap]') !== null;
      if (!chord && !singleKeys && !onHeatmap) return;
      event.preventDefault();
      act(action);
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, []);
}
