'use client';

import Link from 'next/link';
import type { ReactNode } from 'react';
import { asProblem } from '../../lib/client/problem.ts';

interface Props<T> {
  readonly query: {
    readonly data: T | undefined;
    readonly error: Error | null;
    readonly isPending: boolean;
    refetch(): unknown;
  };
  /** What is being asked for, as it stands in a sentence: `the market hours`. */
  readonly what: string;
  children(data: T): ReactNode;
}

/** What the server answered; until then that it is being asked, and where it did not, why. */
export function Answer<T>({ query, what, children }: Props<T>) {
  const { data, error, isPending, refetch } = query;
  if (error) {
    const { detail, signedOut } = asProblem(error);
    return (
      <div role="alert" className="my-4 rounded border border-down px-4 py-3">
        {signedOut ? <p>You are signed out.</p> : <p>{`Could not load ${what}: ${detail}`}</p>}
        {signedOut ? (
          <Link href="/login" prefetch={false} className="mt-2 inline-block underline">
            Sign in
          </Link>
        ) : (
          <button
            type="button"
            onClick={() => void refetch()}
            className="mt-2 rounded border border-edge bg-raised px-3 py-1 font-medium hover:bg-hover"
          >
            Try again
          </button>
        )}
      </div>
    );
  }
  if (isPending) return <p className="py-6 text-muted">{`Loading ${what}…`}</p>;
  return <>{children(data as T)}</>;
}
