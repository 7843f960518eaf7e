'use client';

import Link from 'next/link';
import { SIGNAL_KIND_NAMES, SIGNAL_KINDS } from '../../lib/signals/signal.ts';
import { Answer } from '../shell/answer.tsx';
import { comparisonWords, kindTitle, type Report, verdictWords } from './report-words.ts';
import { useReport } from './use-report.ts';

/** Every kind of signal, and whether it was worth anything. */
export function DetectorList() {
  const query = useReport(null);
  return (
    <Answer query={query} what="the report cards">
      {(report) => (
        <>
          <p className="mt-3 max-w-prose text-muted">{comparisonWords(report)}</p>
          <ul aria-label="Detectors" className="mt-4 divide-y divide-line">
            {SIGNAL_KIND_NAMES.map((kind) => (
              <li key={kind} className="grid gap-x-4 gap-y-0.5 py-2 sm:grid-cols-[11rem_minmax(0,1fr)_19rem]">
                <Link href={`/signals/detectors/${kind}`} prefetch={false} className="font-medium underline">
                  {kindTitle(kind)}
                </Link>
                <span className="text-muted">{SIGNAL_KINDS[kind]}</span>
                <span>{wordsOf(report, kind)}</span>
              </li>
            ))}
          </ul>
        </>
      )}
    </Answer>
  );
}

function wordsOf({ groups }: Report, kind: string): string {
  const of = groups.filter((group) => group.kind === kind);
  const own = of.filter(({ detectors }) => detectors === 'own');
  const shown = own.length > 0 ? own : of;
  return shown.length === 0 ? 'Nothing measured in 30 days.' : verdictWords(shown);
}
