'use client';

import { useId, useState } from 'react';
import { type Settings, saveRuleSettings } from '../../lib/client/rules.ts';
import { fieldClass } from '../instruments/form-parts.tsx';
import { Action, Outcome } from '../shell/form-parts.tsx';
import { useRuleChange } from './use-rules.ts';

const QUIET = { from: '22:00', to: '08:00' };
const DIGEST_MINUTES_MAX = 240;

/** Quiet hours and the digest, of all rules together. */
export function RuleSettingsForm({
  settings,
  mayChange,
}: {
  readonly settings: Settings;
  readonly mayChange: boolean;
}) {
  const digestId = useId();
  const [quiet, setQuiet] = useState(settings.quiet ?? QUIET);
  const [isQuiet, setIsQuiet] = useState(settings.quiet !== null);
  const [digest, setDigest] = useState(String(settings.digestMinutes));
  const [done, setDone] = useState<string | null>(null);
  const [fault, setFault] = useState<string | null>(null);
  const { change, busy, problem } = useRuleChange(async (next: Settings) => {
    await saveRuleSettings(next);
    setDone('Saved.');
  });
  const faultNow = (): string | null => {
    if (isQuiet && (!quiet.from || !quiet.to)) return 'Enter both times of the quiet hours.';
    if (isQuiet && quiet.from === quiet.to) return 'The quiet hours end when they begin.';
    if (!/^\d+$/.test(digest) || Number(digest) > DIGEST_MINUTES_MAX)
      return `The digest: whole minutes from 0 to ${DIGEST_MINUTES_MAX}.`;
    return null;
  };
  return (
    <form
      noValidate
      method="post"
      onSubmit={(event) => {
        event.preventDefault();
        setDone(null);
        const found = faultNow();
        setFault(found);
        if (found === null) change({ quiet: isQuiet ? quiet : null, digestMinutes: Number(digest) });
      }}
    >
      <fieldset disabled={!mayChange} className="flex flex-col gap-3">
        <label className="flex min-h-6 items-center gap-2">
          <input type="checkbox" checked={isQuiet} onChange={({ target }) => setIsQuiet(target.checked)} />
          Quiet hours: webhook and Telegram are not written to; alerts are still shown here
        </label>
        {isQuiet ? (
          <div className="flex flex-wrap gap-4">
            {(['from', 'to'] as const).map((end) => (
              <label key={end} className="flex items-center gap-2">
                {end === 'from' ? 'From, IST' : 'To, IST'}
                <input
                  type="time"
                  value={quiet[end]}
                  onChange={({ target }) => setQuiet({ ...quiet, [end]: target.value })}
                  className={fieldClass}
                />
              </label>
            ))}
          </div>
        ) : null}
        <div>
          <label htmlFor={digestId} className="mb-1 block">
            Digest of what was found while the market is open, every so many minutes (0: none)
          </label>
          <input
            id={digestId}
            type="number"
            min={0}
            max={DIGEST_MINUTES_MAX}
            value={digest}
            onChange={({ target }) => setDigest(target.value)}
            className={`${fieldClass} w-28`}
          />
        </div>
        <Action type="submit" disabled={busy} className="self-start">
          Save
        </Action>
      </fieldset>
      <Outcome fault={fault ?? problem?.detail ?? null} done={done} />
    </form>
  );
}
