'use client';

import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { previewRule, type RuleBody } from '../../lib/client/rules.ts';
import { formatWhole } from '../../lib/heatmap/format.ts';
import { fieldClass } from '../instruments/form-parts.tsx';
import { Answer } from '../shell/answer.tsx';
import { previewWords, worthWords } from './rule-words.ts';

const DAYS = [1, 5, 10, 31] as const;
/** More alerts a day than these nobody reads. */
const MANY = 100;

/** What a rule would have told of what is recorded. */
export function RulePreview({ rule }: { readonly rule: RuleBody }) {
  const [days, setDays] = useState<number>(5);
  const query = useQuery({
    queryKey: ['rule preview', rule, days],
    queryFn: () => previewRule(rule, days),
    staleTime: 0,
  });
  return (
    <section aria-label="Preview">
      <label className="flex items-center gap-2">
        Over
        <select value={days} onChange={({ target }) => setDays(Number(target.value))} className={fieldClass}>
          {DAYS.map((each) => (
            <option key={each} value={each}>
              {each === 1 ? 'today' : `the last ${each} days`}
            </option>
          ))}
        </select>
      </label>
      <Answer query={query} what="the preview">
        {(preview) => (
          <>
            <p role="status" className="mt-2 font-medium">
              {previewWords(preview)}
            </p>
            {(preview.perDay ?? 0) > MANY ? (
              <p className="mt-1 text-warn">So many are not read: ask for more severity, or for a longer cooldown.</p>
            ) : null}
            {worthWords(preview) ? <p className="mt-1">{worthWords(preview)}</p> : null}
            {preview.days.length > 0 ? (
              <table className="mt-2 w-full max-w-sm text-left">
                <thead className="text-muted">
                  <tr>
                    <th className="font-normal">Day</th>
                    <th className="text-right font-normal">Occasions</th>
                    <th className="text-right font-normal">Told</th>
                  </tr>
                </thead>
                <tbody>
                  {preview.days.map(({ day, matched, fired }) => (
                    <tr key={day} className="border-t border-line">
                      <td className="py-0.5">{day}</td>
                      <td className="text-right">{formatWhole(matched)}</td>
                      <td className="text-right">{formatWhole(fired)}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            ) : null}
          </>
        )}
      </Answer>
    </section>
  );
}
