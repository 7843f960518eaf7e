'use client';

import { useState } from 'react';
import { addRule } from '../../lib/client/watching.ts';
import type { WatchlistView } from '../../lib/core/watching.ts';
import { RULE_LIMITS, ruleWords, type WatchRule } from '../../lib/core/watchlist.ts';
import { Failure, fieldClass, SmallButton } from './form-parts.tsx';
import { useChange } from './use-change.ts';

type Kind = WatchRule['kind'];
const KINDS: readonly {
  readonly kind: Kind;
  readonly label: string;
  readonly number: string | null;
  readonly start: number;
}[] = [
  { kind: 'atm', label: 'Options at the money', number: 'Strikes on each side', start: 5 },
  { kind: 'futures', label: 'Nearest futures', number: 'How many expiries', start: 1 },
  { kind: 'underlying', label: 'Every contract of an underlying', number: null, start: 1 },
  { kind: 'turnover', label: 'Most traded by value', number: 'How many', start: 50 },
];

/** Makes a rule and adds it to a list. */
export function RuleForm({ list, onDone }: { list: WatchlistView; onDone(): void }) {
  const [kind, setKind] = useState<Kind>('atm');
  const [underlying, setUnderlying] = useState('NIFTY');
  const [exchange, setExchange] = useState<'NSE' | 'NFO'>('NSE');
  const [count, setCount] = useState(5);
  const { change, busy, failure } = useChange(async (rule: WatchRule) => {
    await addRule(list.id, rule);
    onDone();
  });
  const chosen = KINDS.find((one) => one.kind === kind);
  const rule = ruleOf(kind, underlying.trim().toUpperCase(), exchange, count);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        change(rule);
      }}
      className="grid gap-3 sm:grid-cols-2"
    >
      <label className="flex flex-col gap-1 sm:col-span-2">
        Kind of rule
        <select
          value={kind}
          onChange={({ target }) => {
            const next = KINDS.find((one) => one.kind === target.value);
            if (!next) return;
            setKind(next.kind);
            setCount(next.start);
          }}
          className={fieldClass}
        >
          {KINDS.map(({ kind: value, label }) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </select>
      </label>
      {kind === 'turnover' ? (
        <label className="flex flex-col gap-1">
          Of
          <select
            value={exchange}
            onChange={({ target }) => setExchange(target.value === 'NFO' ? 'NFO' : 'NSE')}
            className={fieldClass}
          >
            <option value="NSE">NSE shares</option>
            <option value="NFO">NSE futures</option>
          </select>
        </label>
      ) : (
        <label className="flex flex-col gap-1">
          Underlying
          <input
            required
            maxLength={40}
            spellCheck={false}
            value={underlying}
            onChange={({ target }) => setUnderlying(target.value)}
            className={`${fieldClass} uppercase`}
          />
        </label>
      )}
      {chosen?.number ? (
        <label className="flex flex-col gap-1">
          {chosen.number}
          <input
            type="number"
            required
            min={kind === 'atm' ? 0 : 1}
            max={kind === 'underlying' ? 1 : RULE_LIMITS[kind]}
            value={Number.isNaN(count) ? '' : count}
            onChange={({ target }) => setCount(target.valueAsNumber)}
            className={fieldClass}
          />
        </label>
      ) : null}
      <p className="text-muted sm:col-span-2">{ruleWords(rule)}</p>
      <div className="flex flex-col gap-2 sm:col-span-2">
        <Failure detail={failure} />
        <SmallButton type="submit" disabled={busy} className="self-start">
          Add the rule
        </SmallButton>
      </div>
    </form>
  );
}

function ruleOf(kind: Kind, underlying: string, exchange: 'NSE' | 'NFO', count: number): WatchRule {
  switch (kind) {
    case 'underlying':
      return { kind, underlying };
    case 'futures':
      return { kind, underlying, count };
    case 'atm':
      return { kind, underlying, strikes: count };
    case 'turnover':
      return { kind, exchange, count };
  }
}
