import Link from 'next/link';
import { SignInCard } from '../../components/people/sign-in-card.tsx';

/** Where a one-time link leads that was used, is too old, or was copied wrongly: whoever follows it is nobody yet. */
export default function LinkNotFound() {
  return (
    <SignInCard title="This link does not work any more">
      <p>
        It was used already or has expired; ask an owner for another, or run{' '}
        <code className="whitespace-nowrap font-mono">./gehra sign-in-link</code> on the machine.
      </p>
      <p className="mt-3 text-muted">
        Have you chosen a password?{' '}
        <Link href="/login" prefetch={false} className="text-best-bid underline">
          Sign in
        </Link>
      </p>
    </SignInCard>
  );
}
