'use client';

import { type RefObject, useEffect, useRef, useSyncExternalStore } from 'react';
import { chordOf, isTypingNothing } from '../../lib/client/chord.ts';
import {
  type Bindings,
  bindings,
  commandOf,
  type KeyCommand,
  noBindings,
  onBindings,
} from '../../lib/client/key-bindings.ts';
import { readPreferences } from '../../lib/client/preferences.ts';

interface Options<Action> {
  readonly commands: readonly KeyCommand<Action>[];
  /** Only keys pressed in it count: there are others like it on the page. */
  readonly within?: RefObject<HTMLElement | null>;
  /** Keys that something on the page listens to as well are its own. */
  readonly last?: boolean;
  /** @param withShift Shift was held beside the command's own key */
  act(action: Action, withShift: boolean): void;
}

/** Elements that have a use of their own for all keys … */
const TYPED_INTO = 'input:not([type="checkbox"]), select, textarea, dialog, [contenteditable]';
/** … and for those that press them. */
const PRESSED_BY_KEY = 'button, a, summary, input[type="checkbox"]';
const PRESSING_KEYS = ['Enter', ' '];

/** Listens to the page's keys for these commands, unless something else has the focus that uses them, or a dialog is open. */
export function useKeys<Action>(options: Options<Action>): void {
  const { last = false } = options;
  const latest = useRef(options);
  useEffect(() => {
    latest.current = options;
  });
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const { commands, within, act } = latest.current;
      if (event.defaultPrevented || document.querySelector('dialog:modal')) return;
      const meant = commandOf(commands, event, bindings());
      if (!meant) return;
      const target = event.target instanceof Element ? event.target : document.body;
      if (within && !within.current?.contains(target)) return;
      const chord = chordOf(event) ?? '';
      // Ctrl and Z in a text belong to the text.
      const isTyped = !isTypingNothing(chord) || chord === 'Ctrl+Z';
      if (isTyped && target.closest(TYPED_INTO)) return;
      if (PRESSING_KEYS.includes(event.key) && target.closest(PRESSED_BY_KEY)) return;
      // Single keys can be switched off on the help sheet.
      if (!isTypingNothing(chord) && !readPreferences().shortcuts && !target.closest('[data-heatmap]')) return;
      event.preventDefault();
      act(meant.command.action, meant.withShift);
    };
    // What is pressed comes to the document before it comes to the window.
    const place = last ? window : document;
    place.addEventListener('keydown', onKey as EventListener);
    return () => place.removeEventListener('keydown', onKey as EventListener);
  }, [last]);
}

/** What is bound in this browser. */
export const useBindings = (): Bindings => useSyncExternalStore(onBindings, bindings, noBindings);
