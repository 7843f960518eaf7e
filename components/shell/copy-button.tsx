'use client';

import { useState } from 'react';

/** Copies a text, and says whether the browser allowed it. */
export function CopyButton({ text, label }: { text: string; label: string }) {
  const [said, setSaid] = useState<string | null>(null);
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text);
      setSaid('Copied.');
    } catch {
      // Also where there is no clipboard at all: over plain http on any address but this machine's.
      setSaid('The browser did not allow it: mark the text and copy it by hand.');
    }
  };
  return (
    <>
      <button
        type="button"
        aria-label={label}
        onClick={() => void copy()}
        className="rounded border border-edge px-3 py-1 hover:bg-hover"
      >
        Copy
      </button>
      <span role="status">{said}</span>
    </>
  );
}
