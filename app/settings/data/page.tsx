import type { Metadata } from 'next';
import { CandleDownloads } from '../../../components/settings/candle-downloads.tsx';
import { DataKeptView } from '../../../components/settings/data-kept-view.tsx';
import { pageCaller } from '../../page-caller.ts';

export const dynamic = 'force-dynamic';
export const metadata: Metadata = { title: 'Data kept' };

export default async function DataKeptPage() {
  await pageCaller();
  return (
    <>
      <p className="max-w-prose text-muted">What is recorded, how long it is kept, and how much room it takes.</p>
      <DataKeptView />
      <CandleDownloads />
    </>
  );
}
