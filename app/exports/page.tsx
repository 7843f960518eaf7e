import type { Metadata } from 'next';
import { ExportsPage } from '../../components/exports/exports-page.tsx';
import { SiteHeader } from '../../components/shell/site-header.tsx';
import { pageCaller } from '../page-caller.ts';

export const dynamic = 'force-dynamic';
export const metadata: Metadata = { title: 'Exports' };

export default async function Exports() {
  await pageCaller();
  return (
    <>
      <SiteHeader />
      <main className="mx-auto w-full max-w-4xl px-4 py-6">
        <h1 className="text-lg font-semibold">Exports</h1>
        <p className="mt-1 max-w-prose text-muted">
          What is stored of an instrument, as a file. Beside each file stands one that says what its numbers are and
          names every hole in its interval.
        </p>
        <p className="mt-1 max-w-prose text-muted">
          The data are licensed for your own use. To give them on or to publish them, live or later, needs an agreement
          with the exchange.
        </p>
        <ExportsPage />
      </main>
    </>
  );
}
