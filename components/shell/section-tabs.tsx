'use client';

import clsx from 'clsx';
import Link from 'next/link';
import { usePathname } from 'next/navigation';

interface Props {
  /** What the pages are about. */
  readonly label: string;
  readonly tabs: readonly { readonly href: string; readonly name: string }[];
}

/** Links between the pages of one section. */
export function SectionTabs({ label, tabs }: Props) {
  const path = usePathname();
  return (
    <nav aria-label={label} className="mt-3 mb-5 flex flex-wrap gap-x-1 border-b border-line">
      {tabs.map(({ href, name }) => (
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
