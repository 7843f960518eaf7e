'use client';

import { Search } from 'lucide-react';
import { useEffect, useState } from 'react';
import { readPreferences } from '../../lib/client/preferences.ts';
import { InstrumentPicker } from '../instruments/instrument-picker.tsx';

/** Elements that take a `/` themselves. */
const TYPED_INTO = 'input:not([type="checkbox"]), select, textarea, [contenteditable]';

/** The search over every page with the header, by a button or by the keys of the depth page. */
export function SiteSearch() {
  const [open, setOpen] = useState(false);
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.altKey || document.querySelector('dialog[open]')) return;
      const chord = event.ctrlKey || event.metaKey;
      const typed = event.target instanceof Element && event.target.closest(TYPED_INTO) !== null;
      if (chord ? event.key.toLowerCase() !== 'k' : event.key !== '/' || typed) return;
      // Keys without Ctrl can be switched off, on the help sheet of the depth page.
      if (!chord && !readPreferences().shortcuts) return;
      event.preventDefault();
      setOpen(true);
    };
    // After those of the document: a page with a search of its own takes the key before.
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, []);
  return (
    <>
      <button
        type="button"
        onClick={() => setOpen(true)}
        aria-label="Find an instrument"
        title="Find an instrument (/ or Ctrl K)"
        className="grid size-7 place-items-center rounded border border-line text-muted hover:bg-hover hover:text-ink"
      >
        <Search aria-hidden="true" className="size-4" />
      </button>
      <InstrumentPicker open={open} onClose={() => setOpen(false)} />
    </>
  );
}
