import type { Metadata } from 'next';
import { RehearsalResults } from '../../components/rehearsal/rehearsal-results.tsx';
import { PageFrame } from '../../components/shell/page-frame.tsx';
import { pageCaller } from '../page-caller.ts';

export const dynamic = 'force-dynamic';
export const metadata: Metadata = { title: 'Morning rehearsal' };

export default async function RehearsalPage() {
  await pageCaller();
  return (
    <PageFrame
      title="Morning rehearsal"
      purpose="Everything that today's market needs, tried before it opens: tokens, feeds, disk, database, calendar, clock."
    >
      <RehearsalResults />
    </PageFrame>
  );
}
