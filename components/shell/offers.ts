'use client';

import { useEffect, useRef } from 'react';
import { chordWords } from '../../lib/client/chord.ts';
import { bindings, type KeyCommand, keysOf } from '../../lib/client/key-bindings.ts';

/** A command as the palette lists it. */
export interface OfferedCommand {
  readonly id: string;
  readonly title: string;
  readonly group: string;
  /** Its keys, in words. */
  readonly keys?: string;
  run(): void;
}

/** What a part of a page can do. */
export interface Offer {
  readonly commands: readonly OfferedCommand[];
  /** Takes an instrument that is chosen in the palette or the search; without it the instrument's page is opened. */
  onInstrument?(slug: string): void;
}

const offers = new Set<() => Offer>();

/** What the parts of the page that is open can do now. */
export const offered = (): readonly Offer[] => [...offers].map((get) => get());

/** Puts commands into the palette for as long as the component stands; asked for when the palette is opened. */
export function useOffers(get: () => Offer): void {
  const latest = useRef(get);
  useEffect(() => {
    latest.current = get;
  });
  useEffect(() => {
    const offer = (): Offer => latest.current();
    offers.add(offer);
    return () => void offers.delete(offer);
  }, []);
}

/** Commands that have keys, as offers. */
export const keyOffers = <Action>(
  group: string,
  commands: readonly KeyCommand<Action>[],
  act: (action: Action) => void,
): readonly OfferedCommand[] =>
  commands.map((command) => ({
    id: command.id,
    title: command.does,
    group,
    keys: keysOf(command, bindings()).map(chordWords).join(' · '),
    run: () => act(command.action),
  }));
