import type { Metadata } from 'next';
import { SiteHeader } from '../../../components/shell/site-header.tsx';
import { BacktestsPage } from '../../../components/signals/backtests-page.tsx';
import { SignalsTabs } from '../../../components/signals/signals-tabs.tsx';
import { DETECTOR_OPTIONS } from '../../../lib/signals/detector-options.ts';
import { pageCaller } from '../../page-caller.ts';

export const dynamic = 'force-dynamic';
export const metadata: Metadata = { title: 'Backtests' };

export default async function Backtests() {
  await pageCaller();
  return (
    <>
      <SiteHeader />
      <main className="mx-auto w-full max-w-5xl px-4 py-6">
        <h1 className="text-lg font-semibold">Backtests</h1>
        <SignalsTabs />
        <p className="mt-1 max-w-prose text-muted">
          The detectors over days that were recorded, with the parameters they run with or with others. The same
          question gives the same signals to the byte, and with unchanged parameters those that were found live, but for
          what the live detectors had not seen: the moments before they were started.
        </p>
        {/* From here: in the page the detectors would come along with their parameters. */}
        <BacktestsPage detectors={DETECTOR_OPTIONS} />
      </main>
    </>
  );
}
