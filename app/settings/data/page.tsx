import type { Metadata } from 'next';
import { DataKeptView } from '../../../components/settings/data-kept-view.tsx';
import { PageFrame } from '../../../components/shell/page-frame.tsx';
import { pageCaller } from '../../page-caller.ts';

export const dynamic = 'force-dynamic';
export const metadata: Metadata = { title: 'Data kept' };

export default async function DataKeptPage() {
  await pageCaller();
  return (
    <PageFrame title="Data kept" purpose="What is recorded, how long it is kept, and how much room it takes.">
      <DataKeptView />
    </PageFrame>
  );
}
