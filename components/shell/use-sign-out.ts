'use client';

import { useState } from 'react';
import { asProblem } from '../../lib/client/problem.ts';
import { signOut } from '../../lib/client/sign-in.ts';

/** Signs out and leaves for the page that comes after it; `fault` says why that did not go. */
export function useSignOut(): { readonly fault: string | null; leave(): void } {
  const [fault, setFault] = useState<string | null>(null);
  const leave = async (): Promise<void> => {
    try {
      location.assign(await signOut());
    } catch (error) {
      setFault(asProblem(error).detail);
    }
  };
  return { fault, leave: () => void leave() };
}
