import type { Metadata } from 'next';
import { notFound } from 'next/navigation';
import { paneTitle } from '../../../../components/workspace/pane-titles.ts';
import { SinglePane } from '../../../../components/workspace/single-pane.tsx';
import { findInstrument } from '../../../../lib/services/instruments.ts';
import { pageCaller } from '../../../page-caller.ts';
import { slugOfPath } from '../../../slug-of-path.ts';

// Which instruments there are is known only while the server runs.
export const dynamic = 'force-dynamic';

interface Props {
  readonly params: Promise<{ kind: string; instrument: string }>;
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { kind, instrument } = await params;
  return { title: `${slugOfPath(instrument).toUpperCase()} ${paneTitle(kind) ?? ''}`.trim() };
}

/** One pane of the workspace in a window of its own, as on a second screen. */
export default async function PanePage({ params }: Props) {
  const { kind, instrument } = await params;
  if (!paneTitle(kind)) notFound();
  const found = await findInstrument(await pageCaller(), slugOfPath(instrument));
  if (!found) notFound();
  return <SinglePane key={`${kind} ${found.slug}`} kind={kind} instrument={found} />;
}
