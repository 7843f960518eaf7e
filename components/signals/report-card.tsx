'use client';

import type { SignalKind } from '../../lib/signals/signal.ts';
import { Answer } from '../shell/answer.tsx';
import { comparisonWords, hitWords, horizonWords, type ReportGroup, signed, verdictWords } from './report-words.ts';
import { useReport } from './use-report.ts';

const OWNERS = { own: 'Ours', predecessor: 'By the predecessor’s numbers' } as const;
const TITLES = { all: 'All together', instrument: 'By instrument', hour: 'By hour', version: 'By version' } as const;
const VERDICTS = { beats: 'beats', does_not_beat: 'does not beat', too_few: 'too few' } as const;

/** What signals of a kind were worth, by everything that it can be divided by. */
export function ReportCard({ kind }: { readonly kind: SignalKind }) {
  const query = useReport(kind);
  return (
    <Answer query={query} what="the report card">
      {(report) =>
        report.groups.length === 0 ? (
          <p className="mt-4 text-muted">
            Nothing measured in 30 days. A signal is measured five minutes after it, its random times when their hour is
            over.
          </p>
        ) : (
          <>
            <p className="mt-3 max-w-prose text-muted">{comparisonWords(report)}</p>
            {(['own', 'predecessor'] as const).map((owner) => {
              const groups = report.groups.filter(({ detectors }) => detectors === owner);
              if (groups.length === 0) return null;
              return (
                <section key={owner} aria-label={OWNERS[owner]} className="mt-5">
                  <h2 className="font-semibold">{OWNERS[owner]}</h2>
                  <p className="mt-1">{verdictWords(groups.filter(({ by }) => by === 'all'))}</p>
                  {(['all', 'instrument', 'hour', 'version'] as const).map((by) => (
                    <Outcomes key={by} title={TITLES[by]} groups={groups.filter((group) => group.by === by)} />
                  ))}
                </section>
              );
            })}
          </>
        )
      }
    </Answer>
  );
}

function Outcomes({ title, groups }: { readonly title: string; readonly groups: readonly ReportGroup[] }) {
  if (groups.length === 0) return null;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what is scrolled sideways is scrolled by keyboard too
    <section aria-label={title} tabIndex={0} className="mt-3 overflow-x-auto">
      <table className="w-full text-right font-mono tabular-nums">
        <caption className="py-1 text-left font-sans font-medium">{title}</caption>
        <thead className="font-sans text-muted">
          <tr>
            {['', 'After', 'N', 'Mean', 'Median', 'Random mean', 'Hits', 'Random hits', 'Base rate'].map((name) => (
              <th key={name} scope="col" className="px-2 py-1 font-normal first:text-left">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {groups.map(({ key, horizonS, signals, random, verdict }) => (
            <tr key={`${key} ${horizonS}`} className="border-t border-line whitespace-nowrap">
              <th scope="row" className="px-2 py-1 text-left font-normal">
                {key}
              </th>
              <td className="px-2">{horizonWords(horizonS)}</td>
              <td className="px-2">{signals.n}</td>
              <td className="px-2">{signed(signals.meanBps)}</td>
              <td className="px-2">{signed(signals.medianBps)}</td>
              <td className="px-2">{signed(random.meanBps)}</td>
              <td className="px-2">{hitWords(signals)}</td>
              <td className="px-2">{hitWords(random)}</td>
              <td className="px-2 font-sans">{VERDICTS[verdict]}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
