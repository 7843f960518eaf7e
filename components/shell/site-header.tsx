'use client';

import clsx from 'clsx';
import Link from 'next/link';
import { usePathname } from 'next/navigation';
import { NoticeBar } from '../notices/notice-bar.tsx';
import { Brand } from './brand.tsx';
import { MarketPhase } from './market-phase.tsx';
import { SiteSearch } from './site-search.tsx';
import { ThemeSelect } from './theme-select.tsx';
import { WhoAmI } from './who-am-i.tsx';

/** The pages that the header leads to, in the order of their use. */
export const PAGES = [
  { href: '/', name: 'Depth' },
  { href: '/workspace', name: 'Workspace' },
  { href: '/signals', name: 'Signals' },
  { href: '/instruments', name: 'Instruments' },
  { href: '/exports', name: 'Exports' },
  { href: '/connections', name: 'Connections' },
  { href: '/health', name: 'Health' },
  { href: '/rehearsal', name: 'Rehearsal' },
  { href: '/coverage', name: 'Coverage' },
  { href: '/settings', name: 'Settings' },
  { href: '/docs/api', name: 'API' },
] as const;

/** A page's own pages are part of it. */
const isAt = (path: string, href: string): boolean => path === href || (href !== '/' && path.startsWith(`${href}/`));

export function SiteHeader() {
  const path = usePathname();
  return (
    <>
      <header className="flex min-h-12 flex-wrap items-center gap-x-6 border-b border-line bg-panel px-4 max-sm:gap-x-3">
        <Brand markOnly />
        <nav
          aria-label="Pages"
          className="flex flex-wrap gap-1 max-sm:order-last max-sm:-mx-1.5 max-sm:gap-x-0 max-sm:pb-1.5"
        >
          {PAGES.map(({ href, name }) => (
            <Link
              key={href}
              href={href}
              aria-current={isAt(path, href) ? 'page' : undefined}
              className={clsx(
                'rounded px-2.5 py-1 hover:bg-hover max-sm:px-1.25',
                isAt(path, href) ? 'text-ink' : 'text-muted',
              )}
            >
              {name}
            </Link>
          ))}
        </nav>
        <SiteSearch />
        <MarketPhase />
        <ThemeSelect className="max-sm:hidden" />
        <WhoAmI />
      </header>
      <NoticeBar />
    </>
  );
}
