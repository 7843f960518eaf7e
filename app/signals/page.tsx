import type { Metadata } from 'next';
import { SiteHeader } from '../../components/shell/site-header.tsx';
import { SignalsHistory } from '../../components/signals/signals-history.tsx';
import { SignalsTabs } from '../../components/signals/signals-tabs.tsx';
import { pageCaller } from '../page-caller.ts';

export const dynamic = 'force-dynamic';
export const metadata: Metadata = { title: 'Signals' };

export default async function SignalsPage() {
  await pageCaller();
  return (
    <>
      <SiteHeader />
      <main className="mx-auto w-full max-w-5xl px-4 py-6">
        <h1 className="text-lg font-semibold">Signals</h1>
        <SignalsTabs />
        <SignalsHistory />
      </main>
    </>
  );
}
