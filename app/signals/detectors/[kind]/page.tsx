import type { Metadata } from 'next';
import Link from 'next/link';
import { notFound } from 'next/navigation';
import { SiteHeader } from '../../../../components/shell/site-header.tsx';
import { DetectorParameters } from '../../../../components/signals/detector-parameters.tsx';
import { ReportCard } from '../../../../components/signals/report-card.tsx';
import { predictionWords } from '../../../../components/signals/report-words.ts';
import { kindTitle } from '../../../../components/signals/signal-words.ts';
import { SIGNAL_KIND_NAMES, SIGNAL_KINDS } from '../../../../lib/signals/signal.ts';
import { pageCaller } from '../../../page-caller.ts';

export const dynamic = 'force-dynamic';
export const metadata: Metadata = { title: 'Detector' };

export default async function DetectorPage({ params }: { params: Promise<{ kind: string }> }) {
  await pageCaller();
  const asked = (await params).kind;
  const kind = SIGNAL_KIND_NAMES.find((name) => name === asked);
  if (!kind) notFound();
  return (
    <>
      <SiteHeader />
      <main className="mx-auto w-full max-w-5xl px-4 py-6">
        <p>
          <Link href="/signals/detectors" prefetch={false} className="underline">
            Detectors
          </Link>
        </p>
        <h1 className="mt-1 text-lg font-semibold">{kindTitle(kind)}</h1>
        <p className="mt-1 max-w-prose">{`Found where ${SIGNAL_KINDS[kind]}. ${predictionWords(kind)}`}</p>
        <p className="mt-1 max-w-prose text-muted">
          Basis points that the mid moved so long after it, less half the spread at that moment, in the last 30 days. A
          hit is more than that half spread. Random: the same at five random times of the same instrument and hour.
        </p>
        <ReportCard kind={kind} />
        <DetectorParameters kind={kind} />
      </main>
    </>
  );
}
