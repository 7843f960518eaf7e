'use client';

import type { ReactNode } from 'react';
import { asProblem } from '../../lib/client/problem.ts';
import { formatIstDay, formatIstTime } from '../../lib/heatmap/format.ts';
import { SignInLink } from '../shell/sign-in-link.tsx';

const US_PER_MS = 1000;

/** Day and minute in IST of an ISO time. */
export function istMinute(iso: string): string {
  const us = Date.parse(iso) * US_PER_MS;
  return `${formatIstDay(us)}, ${formatIstTime(us, 'minutes')} IST`;
}

/** A part of a settings page, with its heading. */
export function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="mb-8">
      <h2 className="mb-2 text-[15px] font-semibold">{title}</h2>
      {children}
    </section>
  );
}

export function SmallButton({
  onClick,
  children,
  busy = false,
}: {
  onClick(): void;
  children: ReactNode;
  busy?: boolean;
}) {
  return (
    <button
      type="button"
      onClick={onClick}
      disabled={busy}
      className="whitespace-nowrap rounded border border-edge bg-raised px-2 py-1 hover:bg-hover disabled:opacity-60"
    >
      {children}
    </button>
  );
}

/** In the place of a list that could not be loaded. */
export function LoadFailure({ what, error, onRetry }: { what: string; error: unknown; onRetry(): void }) {
  const problem = asProblem(error);
  return (
    <div role="alert" className="flex flex-wrap items-center gap-3 rounded border border-down px-3 py-2">
      {problem.signedOut ? (
        <span>
          You are signed out. <SignInLink />
        </span>
      ) : (
        <>
          <span>
            {what} could not be loaded: {problem.detail}
          </span>
          <SmallButton onClick={onRetry}>Try again</SmallButton>
        </>
      )}
    </div>
  );
}

/** What is shown this once, to be copied. */
export function Once({ label, text, children }: { label: string; text: string; children: ReactNode }) {
  return (
    <div className="mt-3 rounded border border-warn/60 px-3 py-2" role="status">
      <p className="mb-1.5">{children}</p>
      <input
        aria-label={label}
        readOnly
        value={text}
        onFocus={(event) => event.currentTarget.select()}
        className="w-full rounded border border-edge bg-raised px-2.5 py-1.5 font-mono text-[12px]"
      />
    </div>
  );
}
