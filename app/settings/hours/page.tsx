import type { Metadata } from 'next';
import { MarketHoursView } from '../../../components/settings/market-hours.tsx';
import { pageCaller } from '../../page-caller.ts';

export const dynamic = 'force-dynamic';
export const metadata: Metadata = { title: 'Market hours' };

export default async function MarketHoursPage() {
  await pageCaller();
  return (
    <>
      <p className="max-w-prose text-muted">
        When the exchanges trade. Recording begins five minutes before the first phase and ends a minute after the last.
      </p>
      <MarketHoursView />
    </>
  );
}
