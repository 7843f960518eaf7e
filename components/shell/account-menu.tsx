'use client';

import { CircleUser } from 'lucide-react';
import Link from 'next/link';
import { type KeyboardEvent, useEffect, useRef } from 'react';
import { PAGES } from './site-header.tsx';
import { ThemeSelect } from './theme-select.tsx';
import { useMe } from './use-me.ts';
import { useSignOut } from './use-sign-out.ts';

const ITEM = 'block w-full rounded px-2.5 py-1 text-left hover:bg-hover';

/** Who is signed in, the pages, and the way out, where there is no room for the header that shows them all. */
export function AccountMenu() {
  const me = useMe();
  const { fault, leave } = useSignOut();
  const menu = useRef<HTMLDetailsElement>(null);
  useEffect(() => {
    const onPress = (event: PointerEvent): void => {
      if (menu.current && !(event.target instanceof Node && menu.current.contains(event.target)))
        menu.current.open = false;
    };
    document.addEventListener('pointerdown', onPress);
    return () => document.removeEventListener('pointerdown', onPress);
  }, []);
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape' || !menu.current?.open) return;
    // The page's own Escape is for what lies under the menu.
    event.preventDefault();
    menu.current.open = false;
    menu.current.querySelector('summary')?.focus();
  };
  return (
    <details ref={menu} onKeyDown={onKeyDown} className="relative max-sm:order-2">
      <summary
        title="Account and pages"
        className="grid size-6 cursor-pointer list-none place-items-center rounded text-muted hover:bg-hover [&::-webkit-details-marker]:hidden"
      >
        <CircleUser aria-hidden="true" className="size-4" />
        <span className="sr-only">Account and pages</span>
      </summary>
      <div className="absolute top-full right-0 z-40 mt-1 w-48 rounded-lg border border-edge bg-panel p-1.5 shadow-lg">
        {me?.via === 'session' ? (
          <p className="truncate border-b border-line px-2.5 pb-1.5 text-muted" title={`${me.name}, ${me.role}`}>
            {me.name} · {me.role}
          </p>
        ) : null}
        <nav aria-label="Pages" className="py-1">
          {PAGES.map(({ href, name }) => (
            <Link key={href} href={href} prefetch={false} className={ITEM}>
              {name}
            </Link>
          ))}
        </nav>
        <ThemeSelect className="block border-t border-line px-2.5 py-1.5" />
        {me?.via === 'session' ? (
          <button type="button" onClick={leave} className={`${ITEM} border-t border-line`}>
            Sign out
          </button>
        ) : null}
        <p role="alert" className={fault ? 'px-2.5 text-fault' : 'sr-only'}>
          {fault}
        </p>
      </div>
    </details>
  );
}
