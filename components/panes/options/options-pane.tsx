'use client';

import clsx from 'clsx';
import { useMemo } from 'react';
import type { Latest } from '../../../lib/client/latest.ts';
import type { InstrumentSummary } from '../../../lib/core/instrument.ts';
import { type OptionStrike, optionExpiries, optionStrikes } from '../../../lib/core/option-strikes.ts';
import { formatCompact, formatPrice, formatSigned } from '../../../lib/heatmap/format.ts';
import { Answer } from '../../shell/answer.tsx';
import type { PaneProps } from '../../workspace/pane.ts';
import { Choice, PaneBar } from '../choice.tsx';
import { useLatest, useSubscribed } from '../use-latest.ts';

const AROUND = [2, 5, 10, 20, 50] as const;
const AROUND_DEFAULT = 10;

/** Calls and puts of the underlying, strike by strike around the money, with the imbalance of each one's best levels. */
export default function OptionsPane(props: PaneProps) {
  const { instrument } = props;
  const subscribed = useSubscribed();
  return (
    <section aria-label={`Options of ${instrument.name}`} className="flex h-full flex-col bg-ground">
      <Answer query={subscribed} what="the options">
        {(instruments) => <Strikes {...props} instruments={instruments} />}
      </Answer>
    </section>
  );
}

interface StrikesProps extends PaneProps {
  readonly instruments: readonly InstrumentSummary[];
}

function Strikes({ instrument, instruments, settings, onSettings }: StrikesProps) {
  const { name } = instrument;
  const around = AROUND.find((each) => each === settings.around) ?? AROUND_DEFAULT;
  const expiries = useMemo(() => optionExpiries(instruments, name), [instruments, name]);
  const expiry = expiries.find((each) => each === settings.expiry) ?? expiries[0] ?? null;
  const priced = underlyingOf(instrument, instruments);
  const slugs = useMemo(() => {
    const options = instruments.filter((it) => it.name === name && it.expiry === expiry && it.strike !== null);
    return [...(priced ? [priced.slug] : []), ...options.map(({ slug }) => slug)];
  }, [instruments, name, expiry, priced]);
  const latest = useLatest(expiry === null ? [] : slugs);
  if (expiry === null) {
    return (
      <p className="p-4 text-muted">
        No option of {name} is subscribed. A watchlist with a rule for strikes around the money subscribes them.
      </p>
    );
  }
  const price = (priced && latest.data?.get(priced.slug)?.lastPrice) ?? null;
  const { strikes, atTheMoney } = optionStrikes(instruments, name, expiry, price, around);
  return (
    <>
      <PaneBar label="Options">
        <span className="font-medium">{name}</span>
        {priced && price !== null ? (
          <span className="font-mono text-[12px] text-muted">
            {priced.symbol} ₹{formatPrice(price, priced)}
          </span>
        ) : null}
        <Choice
          label="Expiry"
          value={expiry}
          options={expiries.map((each) => [each, each] as const)}
          onChoose={(value) => onSettings({ around, expiry: value })}
        />
        <Choice
          label="Strikes ±"
          value={around}
          options={AROUND.map((each) => [each, String(each)] as const)}
          onChoose={(value) => onSettings({ around: value, expiry })}
        />
      </PaneBar>
      <Answer query={latest} what="the options">
        {(known) => (
          // biome-ignore lint/a11y/noNoninteractiveTabindex: it is scrolled by keys
          <section aria-label="Option ladder" tabIndex={0} className="min-h-0 flex-1 overflow-auto">
            <table className="w-full font-mono text-[11.5px] tabular-nums">
              <thead className="sticky top-0 bg-panel text-[10.5px] text-muted">
                <tr>
                  {['OI', 'Volume', 'Imbalance', 'Bid', 'Ask', 'Call ₹'].map((title) => (
                    <th key={title} scope="col" className="px-1.5 py-1 text-right font-normal">
                      {title}
                    </th>
                  ))}
                  <th scope="col" className="px-1.5 py-1 text-center font-normal">
                    Strike
                  </th>
                  {['Put ₹', 'Bid', 'Ask', 'Imbalance', 'Volume', 'OI'].map((title) => (
                    <th key={title} scope="col" className="px-1.5 py-1 text-right font-normal">
                      {title}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {strikes.map((strike) => (
                  <StrikeRow
                    key={strike.strike}
                    strike={strike}
                    known={known}
                    isAtTheMoney={strike.strike === atTheMoney}
                  />
                ))}
              </tbody>
            </table>
            <p className="px-2 py-1.5 text-[11px] text-muted">
              Imbalance: (bid − ask) / (bid + ask) of the best levels in the newest tick. Faint: not heard for 2 s.
            </p>
          </section>
        )}
      </Answer>
    </>
  );
}

/** Whose price says where the money is: the pane's instrument, or of an option the next future. */
function underlyingOf(
  instrument: InstrumentSummary,
  instruments: readonly InstrumentSummary[],
): InstrumentSummary | null {
  if (instrument.type !== 'CE' && instrument.type !== 'PE') return instrument;
  const futures = instruments.filter(({ type, name }) => type === 'FUT' && name === instrument.name);
  return futures.sort((a, b) => (a.expiry ?? '').localeCompare(b.expiry ?? ''))[0] ?? null;
}

interface RowProps {
  readonly strike: OptionStrike;
  readonly known: ReadonlyMap<string, Latest>;
  readonly isAtTheMoney: boolean;
}

function StrikeRow({ strike: { strike, call, put }, known, isAtTheMoney }: RowProps) {
  const units = call ?? put;
  return (
    <tr className={clsx('border-t border-line', isAtTheMoney && 'bg-raised')}>
      <OptionCells option={call} known={known} isCall />
      <th scope="row" className="bg-panel px-1.5 text-center font-semibold text-ink">
        {units ? formatPrice(strike, units) : ''}
        {isAtTheMoney ? <span className="sr-only"> at the money</span> : null}
      </th>
      <OptionCells option={put} known={known} isCall={false} />
    </tr>
  );
}

function OptionCells({
  option,
  known,
  isCall,
}: {
  readonly option: InstrumentSummary | null;
  readonly known: ReadonlyMap<string, Latest>;
  readonly isCall: boolean;
}) {
  const now = option ? known.get(option.slug) : undefined;
  const price = (value: number | null | undefined) => (option && value != null ? formatPrice(value, option) : '–');
  const size = (value: number | null | undefined) => (value == null ? '–' : formatCompact(value));
  const cells = [
    size(now?.oi),
    size(now?.volume),
    <Imbalance key="imbalance" value={now?.imbalance ?? null} />,
    price(now?.bid),
    price(now?.ask),
    <strong key="last" className="font-semibold">
      {price(now?.lastPrice)}
    </strong>,
  ];
  const [oi, volume, imbalance, bid, ask, last] = cells;
  const order = isCall ? [oi, volume, imbalance, bid, ask, last] : [last, bid, ask, imbalance, volume, oi];
  return order.map((cell, at) => (
    <td
      // biome-ignore lint/suspicious/noArrayIndexKey: columns do not move
      key={at}
      title={now?.state === 'gap' ? `Nobody listens: ${now.cause}` : undefined}
      className={clsx('px-1.5 py-0.5 text-right', now?.state === 'live' ? 'text-ink' : 'text-faint')}
    >
      {cell}
    </td>
  ));
}

/** A bar from the middle, and the number. */
function Imbalance({ value }: { readonly value: number | null }) {
  if (value === null) return '–';
  const share = Math.min(1, Math.abs(value)) * 50;
  return (
    <span className="flex items-center justify-end gap-1.5">
      <span aria-hidden="true" className="relative h-2 w-12 bg-raised">
        <span
          className={clsx('absolute inset-y-0', value > 0 ? 'left-1/2 bg-bid' : 'right-1/2 bg-ask')}
          style={{ width: `${share}%` }}
        />
      </span>
      <span className="w-10">{formatSigned(value, 2)}</span>
    </span>
  );
}
