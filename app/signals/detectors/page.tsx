import type { Metadata } from 'next';
import { SiteHeader } from '../../../components/shell/site-header.tsx';
import { DetectorList } from '../../../components/signals/detector-list.tsx';
import { SignalsTabs } from '../../../components/signals/signals-tabs.tsx';
import { pageCaller } from '../../page-caller.ts';

export const dynamic = 'force-dynamic';
export const metadata: Metadata = { title: 'Detectors' };

export default async function DetectorsPage() {
  await pageCaller();
  return (
    <>
      <SiteHeader />
      <main className="mx-auto w-full max-w-5xl px-4 py-6">
        <h1 className="text-lg font-semibold">Detectors</h1>
        <SignalsTabs />
        <p className="mt-1 max-w-prose text-muted">
          What each kind of signal means, and what it was worth in the last 30 days against random times of the same
          instrument and hour.
        </p>
        <DetectorList />
      </main>
    </>
  );
}
