'use client';

import clsx from 'clsx';
import Link from 'next/link';
import { usePathname } from 'next/navigation';
import { Brand } from './brand.tsx';

/** The pages that the header leads to, in the order of their use. */
const PAGES = [{ href: '/', name: 'Depth' }] as const;

export function SiteHeader() {
  const path = usePathname();
  return (
    <header className="flex h-12 items-center gap-6 border-b border-line bg-panel px-4">
      <Brand markOnly />
      <nav aria-label="Pages" className="flex gap-1 max-sm:overflow-x-auto">
        {PAGES.map(({ href, name }) => (
          <Link
            key={href}
            href={href}
            aria-current={path === href ? 'page' : undefined}
            className={clsx('rounded px-2.5 py-1 hover:bg-hover', path === href ? 'text-ink' : 'text-muted')}
          >
            {name}
          </Link>
        ))}
      </nav>
    </header>
  );
}
