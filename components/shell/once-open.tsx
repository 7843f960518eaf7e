'use client';

import { type ReactNode, useState } from 'react';

/** Renders what opens over a page from its first opening on: code that is fetched for it is not fetched before. */
export function OnceOpen({ open, children }: { readonly open: boolean; readonly children: ReactNode }) {
  const [wasOpen, setWasOpen] = useState(open);
  if (open && !wasOpen) setWasOpen(true);
  return wasOpen || open ? children : null;
}
