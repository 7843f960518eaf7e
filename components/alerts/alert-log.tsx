'use client';

import { useState } from 'react';
import type { Alert, ShownRule } from '../../lib/client/rules.ts';
import { formatWhole } from '../../lib/heatmap/format.ts';
import { fieldClass } from '../instruments/form-parts.tsx';
import { deliveryColour, deliveryWords } from './rule-words.ts';
import { istSecond } from './told.ts';

interface Props {
  /** The newest first. */
  readonly alerts: readonly Alert[];
  readonly rules: readonly ShownRule[];
}

/** What was told, and how far it got on each channel. */
export function AlertLog({ alerts, rules }: Props) {
  const [ruleId, setRuleId] = useState('');
  const shown = alerts.filter((alert) => ruleId === '' || alert.ruleId === Number(ruleId));
  // A rule that was deleted is known by what it told.
  const names = new Map([...alerts.map(({ ruleId: id, rule }) => [id, rule] as const), ...rules.map(named)]);
  return (
    <>
      <div className="mb-2 flex flex-wrap items-center gap-3">
        <label className="flex min-w-0 items-center gap-2">
          Rule
          <select
            value={ruleId}
            onChange={({ target }) => setRuleId(target.value)}
            className={`${fieldClass} max-w-60`}
          >
            <option value="">All</option>
            {[...names].map(([id, name]) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </select>
        </label>
        {alerts.length > 0 ? (
          <span className="text-muted">{`${formatWhole(shown.length)} of the newest ${formatWhole(alerts.length)}`}</span>
        ) : null}
      </div>
      {shown.length === 0 ? (
        <p className="py-4 text-muted">Nothing was told yet. What rules tell stands here, with what became of it.</p>
      ) : (
        <ul
          aria-label="Alerts"
          // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
          tabIndex={0}
          className="max-h-[60vh] divide-y divide-line overflow-y-auto rounded border border-line"
        >
          {shown.map((alert) => (
            <AlertItem key={alert.key} alert={alert} />
          ))}
        </ul>
      )}
    </>
  );
}

const named = ({ id, name }: ShownRule) => [id, name] as const;

function AlertItem({ alert: { title, detail, found, rule, deliveries } }: { readonly alert: Alert }) {
  return (
    <li className="grid gap-x-4 gap-y-0.5 px-3 py-2 sm:grid-cols-[10rem_minmax(0,1fr)_minmax(0,1fr)]">
      <time dateTime={found} className="text-muted">
        {istSecond(found)}
      </time>
      <div className="min-w-0 break-words">
        <p className="font-medium">{title}</p>
        <p className="text-muted">{`${detail} · rule ${rule}`}</p>
      </div>
      <ul aria-label="Deliveries" className="min-w-0 break-words">
        {deliveries.map((delivery) => (
          <li key={delivery.channel} className={deliveryColour(delivery)}>
            {deliveryWords(delivery)}
          </li>
        ))}
      </ul>
    </li>
  );
}
