'use client';

import { useEffect, useState } from 'react';
import { dropParameters } from '../../lib/client/address.ts';
import type { BrokerProblem } from '../../lib/core/broker-problems.ts';
import type { Broker } from '../../lib/core/feeds.ts';

/** What the login came to that led here. */
export interface LoginResult {
  readonly failed: { readonly broker: Broker; readonly problem: BrokerProblem } | null;
  readonly connected: Broker | null;
}

const NONE: LoginResult = { failed: null, connected: null };

/**
 * Shows the result of a login once: a page that is loaded again tells nothing of what was true before.
 *
 * @param shown once it is on the page it goes from the address
 */
export function useLoginResult(login: LoginResult, shown: boolean): { readonly result: LoginResult; forget(): void } {
  const [result, setResult] = useState(login);
  useEffect(() => {
    if (shown) dropParameters(['connected', 'broker', 'problem']);
  }, [shown]);
  return { result, forget: () => setResult(NONE) };
}
