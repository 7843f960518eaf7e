import type { Metadata } from 'next';
import { CoverageCalendar } from '../../components/coverage/coverage-calendar.tsx';
import { SiteHeader } from '../../components/shell/site-header.tsx';
import { pageCaller } from '../page-caller.ts';

export const dynamic = 'force-dynamic';
export const metadata: Metadata = { title: 'Coverage' };

export default async function CoveragePage() {
  await pageCaller();
  return (
    <>
      <SiteHeader />
      <main className="mx-auto w-full max-w-5xl px-4 py-6">
        <h1 className="text-lg font-semibold">Coverage</h1>
        <p className="mt-1 max-w-prose text-muted">
          How much of each day’s trading was heard, and whether what was recorded agrees with the broker’s own candles.
        </p>
        <CoverageCalendar />
      </main>
    </>
  );
}
