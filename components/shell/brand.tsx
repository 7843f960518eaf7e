import clsx from 'clsx';
import Link from 'next/link';

/** Name and mark, leading to the list of instruments. @param markOnly no name where the screen is narrow */
export function Brand({ markOnly = false }: { markOnly?: boolean }) {
  return (
    <Link href="/" aria-label="Gehra: all instruments" className="flex items-center gap-2 rounded-sm">
      <svg viewBox="0 0 20 20" aria-hidden="true" className="size-5">
        <rect x="1" y="2" width="18" height="3" rx="1" className="fill-ask opacity-90" />
        <rect x="5" y="6.3" width="14" height="3" rx="1" className="fill-ask opacity-55" />
        <rect x="8" y="10.7" width="11" height="3" rx="1" className="fill-bid opacity-55" />
        <rect x="3" y="15" width="16" height="3" rx="1" className="fill-bid opacity-90" />
      </svg>
      <span className={clsx('text-[15px] font-semibold tracking-tight', markOnly && 'max-sm:sr-only')}>Gehra</span>
    </Link>
  );
}
