import { InstrumentFinder } from '../components/instruments/instrument-finder.tsx';
import { SiteHeader } from '../components/shell/site-header.tsx';
import { FirstVisit } from '../components/tour/first-visit.tsx';
import { pageCaller } from './page-caller.ts';

export default async function DepthPage() {
  await pageCaller();
  return (
    <>
      <SiteHeader />
      <main className="mx-auto w-full max-w-4xl px-4 py-6">
        <h1 className="text-lg font-semibold">Depth</h1>
        <p className="mt-1 mb-4 text-muted">Instruments whose depth is being recorded. Search finds the others too.</p>
        <FirstVisit />
        <InstrumentFinder initialSearch="" takesKey />
      </main>
    </>
  );
}
