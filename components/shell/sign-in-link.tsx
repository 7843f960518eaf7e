'use client';

import Link from 'next/link';
import { usePathname } from 'next/navigation';

/** Leads to the sign-in page, and back here afterwards. */
export function SignInLink({ className = 'text-best-bid underline' }: { className?: string }) {
  return (
    <Link href={`/login?next=${encodeURIComponent(usePathname())}`} prefetch={false} className={className}>
      Sign in
    </Link>
  );
}
