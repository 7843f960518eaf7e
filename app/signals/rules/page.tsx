import type { Metadata } from 'next';
import { Suspense } from 'react';
import { RulesPage } from '../../../components/alerts/rules-page.tsx';
import { SiteHeader } from '../../../components/shell/site-header.tsx';
import { SignalsTabs } from '../../../components/signals/signals-tabs.tsx';
import { marketPhase } from '../../../lib/services/hours.ts';
import { pageCaller } from '../../page-caller.ts';

export const dynamic = 'force-dynamic';
export const metadata: Metadata = { title: 'Rules and alerts' };

export default async function Rules() {
  const caller = await pageCaller();
  return (
    <>
      <SiteHeader />
      <main className="mx-auto w-full max-w-5xl px-4 py-6">
        <h1 className="text-lg font-semibold">Rules and alerts</h1>
        <SignalsTabs />
        <Suspense fallback={null}>
          <RulesPage isAlwaysOpen={marketPhase(caller, 'NSE').mode === 'always'} />
        </Suspense>
      </main>
    </>
  );
}
