import type { Metadata } from 'next';
import { notFound } from 'next/navigation';
import { SetupForm } from '../../components/people/setup-form.tsx';
import { SignInCard } from '../../components/people/sign-in-card.tsx';
import { lookAtLink } from '../../lib/services/one-time-links.ts';

export const metadata: Metadata = { title: 'Set up', referrer: 'no-referrer' };

interface Props {
  readonly searchParams: Promise<Record<string, string | string[] | undefined>>;
}

/** Where a one-time link leads. Without one that works it is said what to do (not-found.tsx). */
export default async function SetupPage({ searchParams }: Props) {
  const { code } = await searchParams;
  const link = typeof code === 'string' ? await lookAtLink(code) : null;
  if (!link || typeof code !== 'string') notFound();
  return (
    <SignInCard title={link.personName === null ? 'Welcome to Gehra' : 'Choose a new password'}>
      <SetupForm code={code} role={link.role} name={link.personName} />
    </SignInCard>
  );
}
