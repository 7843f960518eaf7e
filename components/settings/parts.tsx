'use client';

import type { ReactNode } from 'react';
import { formatIstMinute } from '../../lib/core/ist.ts';
import { CopyButton } from '../shell/copy-button.tsx';

/** Day and minute in IST of an ISO time. */
export const istMinute = (iso: string): string => `${formatIstMinute(Date.parse(iso))} IST`;

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
      <div className="flex flex-wrap items-center gap-2">
        <input
          aria-label={label}
          readOnly
          value={text}
          onFocus={(event) => event.currentTarget.select()}
          className="min-w-0 grow basis-60 rounded border border-edge bg-raised px-2.5 py-1.5 font-mono text-[12px]"
        />
        <CopyButton text={text} label={`Copy the ${label.toLowerCase()}`} />
      </div>
    </div>
  );
}
