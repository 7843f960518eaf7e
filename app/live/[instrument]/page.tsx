import type { Metadata } from 'next';
import { notFound } from 'next/navigation';
import { LivePage } from '../../../components/live/live-page.tsx';
import { readPermalink } from '../../../lib/client/permalink.ts';
import { readEvidence } from '../../../lib/heatmap/evidence.ts';
import { findInstrument } from '../../../lib/services/instruments.ts';
import { pageCaller } from '../../page-caller.ts';
import { slugOfPath } from '../../slug-of-path.ts';

// Which instruments there are is known only while the server runs.
export const dynamic = 'force-dynamic';

interface Props {
  readonly params: Promise<{ instrument: string }>;
  readonly searchParams: Promise<Readonly<Record<string, string | string[] | undefined>>>;
}

export async function generateMetadata({ params }: Pick<Props, 'params'>): Promise<Metadata> {
  const { instrument } = await params;
  return { title: slugOfPath(instrument).toUpperCase() };
}

export default async function LiveInstrumentPage({ params, searchParams }: Props) {
  const { instrument } = await params;
  const query = await searchParams;
  const { replay } = query;
  const replayFrom = typeof replay === 'string' ? replay : null;
  const found = await findInstrument(await pageCaller(), slugOfPath(instrument));
  if (!found) notFound();
  const permalink = replayFrom === null ? readPermalink(query) : null;
  const evidence = readEvidence(query.evidence);
  const key = `${found.slug} ${replayFrom} ${permalink ? JSON.stringify(permalink) : ''}`;
  return <LivePage key={key} instrument={found} replayFrom={replayFrom} permalink={permalink} evidence={evidence} />;
}
