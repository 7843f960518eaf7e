import type { Metadata } from 'next';
import { HealthView } from '../../components/health/health-view.tsx';
import { SiteHeader } from '../../components/shell/site-header.tsx';
import { pageCaller } from '../page-caller.ts';

export const dynamic = 'force-dynamic';
export const metadata: Metadata = { title: 'Health' };

export default async function HealthPage() {
  await pageCaller();
  return (
    <>
      <SiteHeader />
      <main className="mx-auto w-full max-w-7xl px-4 py-6">
        <h1 className="text-lg font-semibold">Health</h1>
        <HealthView />
      </main>
    </>
  );
}
