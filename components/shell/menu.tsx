'use client';

import clsx from 'clsx';
import { ChevronDown } from 'lucide-react';
import { type KeyboardEvent, type ReactNode, useEffect, useRef } from 'react';

interface Props {
  readonly name: string;
  readonly children: ReactNode;
  readonly className?: string;
}

/** A button that opens a panel below it; a press elsewhere, Escape, or a press on what has `data-closes` closes it. */
export function Menu({ name, children, className }: Props) {
  const menu = useRef<HTMLDetailsElement>(null);
  useEffect(() => {
    const onPress = ({ target }: PointerEvent): void => {
      if (menu.current && !(target instanceof Node && menu.current.contains(target))) menu.current.open = false;
    };
    document.addEventListener('pointerdown', onPress);
    return () => document.removeEventListener('pointerdown', onPress);
  }, []);
  const close = (): void => {
    if (!menu.current?.open) return;
    menu.current.open = false;
    menu.current.querySelector('summary')?.focus();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape' || !menu.current?.open) return;
    event.preventDefault();
    close();
  };
  return (
    <details
      ref={menu}
      onKeyDown={onKeyDown}
      onClick={({ target }) => {
        if (target instanceof Element && target.closest('[data-closes]')) close();
      }}
      className="relative"
    >
      <summary className="flex cursor-pointer list-none items-center gap-1 rounded border border-line bg-raised px-2 py-0.5 hover:bg-hover [&::-webkit-details-marker]:hidden">
        {name}
        <ChevronDown aria-hidden="true" className="size-3.5 text-muted" />
      </summary>
      <div
        className={clsx(
          'absolute top-full left-0 z-40 mt-1 max-h-[70vh] overflow-y-auto rounded-lg border border-edge bg-panel p-1.5 shadow-lg',
          className,
        )}
      >
        {children}
      </div>
    </details>
  );
}
