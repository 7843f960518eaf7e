'use client';

import { X } from 'lucide-react';
import { type ReactNode, useEffect, useRef } from 'react';

interface Props {
  readonly open: boolean;
  readonly title: string;
  readonly children: ReactNode;
  onClose(): void;
}

/** A modal dialog: the browser's own, which keeps the focus, makes the rest inert, and closes on Escape. */
export function Dialog({ open, title, children, onClose }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (open) dialog.current?.showModal();
    else dialog.current?.close();
  }, [open]);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: a click on the backdrop closes, as Escape does
    <dialog
      ref={dialog}
      aria-label={title}
      onClose={onClose}
      onClick={(event) => {
        if (event.target === dialog.current) onClose();
      }}
      className="m-auto mt-[10vh] w-[min(44rem,calc(100vw-2rem))] rounded-lg border border-edge bg-panel p-0 text-ink backdrop:bg-black/60"
    >
      <h2 className="border-b border-line px-4 py-2.5 font-semibold">{title}</h2>
      <div className="max-h-[70vh] overflow-y-auto p-4">{open ? children : null}</div>
      {/* Last, so that opening the dialog puts the focus on what it is for. */}
      <button
        type="button"
        aria-label="Close"
        onClick={onClose}
        className="absolute top-2 right-3 rounded p-1 text-muted hover:bg-hover"
      >
        <X aria-hidden="true" className="size-4" />
      </button>
    </dialog>
  );
}
