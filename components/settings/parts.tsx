'use client';

import type { ReactNode } from 'react';
import { formatIstDay, formatIstTime } from '../../lib/heatmap/format.ts';

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
