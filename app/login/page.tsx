import type { Metadata } from 'next';
import { headers } from 'next/headers';
import { redirect } from 'next/navigation';
import { LoginForm } from '../../components/people/login-form.tsx';
import { SignInCard } from '../../components/people/sign-in-card.tsx';
import { localPath } from '../../lib/core/local-path.ts';
import { callerOf } from '../../lib/services/access.ts';
import { services } from '../../lib/services/context.ts';

export const metadata: Metadata = { title: 'Sign in' };

interface Props {
  readonly searchParams: Promise<Record<string, string | string[] | undefined>>;
}

export default async function LoginPage({ searchParams }: Props) {
  const { next, callbackUrl, error } = await searchParams;
  const to = localPath(first(next) ?? first(callbackUrl), '/');
  // Who is signed in already has no business here.
  if (await callerOf(await headers())) redirect(to);
  return (
    <SignInCard title="Sign in to Gehra">
      <LoginForm next={to} provider={services().config.oidc?.name ?? null} failure={wordsOf(first(error))} />
    </SignInCard>
  );
}

const first = (value: string | string[] | undefined): string | undefined => (Array.isArray(value) ? value[0] : value);

/** What next-auth says of a sign-in through the provider that failed. */
function wordsOf(error: string | undefined): string | null {
  if (error === undefined) return null;
  if (error === 'AccessDenied') {
    return 'You are known there, but not let in here. The owner of this server adds your verified e-mail address to OIDC_OWNERS or OIDC_VIEWERS.';
  }
  if (error === 'OAuthSignin')
    return 'The sign-in service does not answer. Try again; the log of the web process says more.';
  return 'The sign-in service did not let you through, or took too long. Try again.';
}
