'use client';

import clsx from 'clsx';
import Link from 'next/link';
import { usePathname } from 'next/navigation';

/** The pages about signals. */
const TABS = [
  { href: '/signals', name: 'History' },
  { href: '/signals/detectors', name: 'Detectors' },
] as const;

export function SignalsTabs() {
  const path = usePathname();
  return (
    <nav aria-label="Signals" className="mt-3 mb-5 flex flex-wrap gap-x-1 border-b border-line">
      {TABS.map(({ href, name }) => (
        <Link
          key={href}
          href={href}
          aria-current={path === href ? 'page' : undefined}
          className={clsx(
            '-mb-px whitespace-nowrap border-b-2 px-3 py-2 hover:text-ink max-sm:px-2',
            path === href ? 'border-bid text-ink' : 'border-transparent text-muted',
          )}
        >
          {name}
        </Link>
      ))}
    </nav>
  );
}
