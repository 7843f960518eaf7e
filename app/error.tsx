'use client';

import { useRouter } from 'next/navigation';
import { startTransition, useEffect } from 'react';

export default function ErrorPage({ error, reset }: { error: Error & { digest?: string }; reset: () => void }) {
  const router = useRouter();
  useEffect(() => {
    console.error('page_failed', error);
  }, [error]);
  // Resetting alone would draw the same answer of the server again.
  const retry = (): void =>
    startTransition(() => {
      router.refresh();
      reset();
    });
  return (
    <main className="mx-auto w-full max-w-xl px-4 py-16">
      <h1 className="text-lg font-semibold">This page failed</h1>
      <p className="mt-2 text-muted">
        Recording is not affected. {error.digest ? `The server's log has it under ${error.digest}.` : error.message}
      </p>
      <button
        type="button"
        onClick={retry}
        className="mt-4 rounded border border-edge bg-raised px-3 py-1.5 font-medium hover:bg-hover"
      >
        Try again
      </button>
    </main>
  );
}
