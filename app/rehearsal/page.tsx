import type { Metadata } from 'next';
import { RehearsalResults } from '../../components/rehearsal/rehearsal-results.tsx';
import { SiteHeader } from '../../components/shell/site-header.tsx';
import { pageCaller } from '../page-caller.ts';

export const dynamic = 'force-dynamic';
export const metadata: Metadata = { title: 'Morning rehearsal' };

export default async function RehearsalPage() {
  await pageCaller();
  return (
    <>
      <SiteHeader />
      <main className="mx-auto w-full max-w-4xl px-4 py-6">
        <h1 className="text-lg font-semibold">Morning rehearsal</h1>
        <p className="mt-1 max-w-prose text-muted">
          Everything that today's market needs, tried before it opens: tokens, feeds, disk, database, calendar, clock.
        </p>
        <RehearsalResults />
      </main>
    </>
  );
}
