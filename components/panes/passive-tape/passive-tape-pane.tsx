'use client';

import clsx from 'clsx';
import { useCallback, useMemo, useRef, useState } from 'react';
import { type NumberedEvent, PassiveSession, type PassiveView } from '../../../lib/client/passive-session.ts';
import type { InstrumentSummary } from '../../../lib/core/instrument.ts';
import { BID } from '../../../lib/core/side.ts';
import { formatIstTime, formatLots, formatPrice, formatWhole, quantityUnit } from '../../../lib/heatmap/format.ts';
import { StateBadge } from '../../live/state-badge.tsx';
import type { PaneProps } from '../../workspace/pane.ts';
import { Choice, PaneBar } from '../choice.tsx';
import { COVERED, PaneCover } from '../pane-state.tsx';
import { useSessionView } from '../use-session-view.ts';
import { Cell, PauseControl, VirtualRows, type VirtualRowsHandle } from '../virtual-rows.tsx';

const EMPTY: PassiveView = {
  events: [],
  state: { kind: 'loading', title: 'Connecting', detail: '', missingMs: 0 },
};
/** Lots from which an order is told of. */
const LOTS = [1, 2, 5, 10, 20, 50, 100, 500, 1000, 5000] as const;
/** Of contracts, and of shares, whose lot is one. */
const LOTS_DEFAULT = { contract: 5, share: 500 } as const;
const WITHIN_TICKS = [5, 10, 20, 50, 100] as const;
const WITHIN_TICKS_DEFAULT = 20;

/** Resting orders that come and go near the touch: what joins the book, and what leaves it without a trade. */
export default function PassiveTapePane({ instrument, settings, onSettings }: PaneProps) {
  const lots =
    LOTS.find((each) => each === settings.minLots) ??
    (instrument.lotSize === 1 ? LOTS_DEFAULT.share : LOTS_DEFAULT.contract);
  const ticks = WITHIN_TICKS.find((each) => each === settings.withinTicks) ?? WITHIN_TICKS_DEFAULT;
  const begin = useCallback(
    (tell: () => void) =>
      new PassiveSession(instrument, { minQuantity: lots * instrument.lotSize, withinTicks: ticks }, tell),
    [instrument, lots, ticks],
  );
  const { view, session } = useSessionView(begin, EMPTY);
  /** Newest event that is shown while paused; who has only scrolled goes on by scrolling back. */
  const [frozen, setFrozen] = useState<{ readonly number: number; readonly byScroll: boolean } | null>(null);
  const list = useRef<VirtualRowsHandle>(null);
  const events = useMemo(
    () => (frozen ? view.events.filter(({ number }) => number <= frozen.number) : view.events),
    [view, frozen],
  );
  const pause = (byScroll: boolean): void =>
    setFrozen((held) => held ?? { number: view.events[0]?.number ?? 0, byScroll });
  const goOn = (): void => {
    setFrozen(null);
    list.current?.toTop();
  };
  const unit = quantityUnit(instrument.lotSize);
  return (
    <section aria-label={`Passive tape of ${instrument.symbol}`} className="relative flex h-full flex-col bg-ground">
      <PaneBar label="Passive tape">
        <StateBadge state={view.state} />
        <PauseControl
          paused={frozen !== null}
          fresh={view.events.length - events.length}
          onToggle={() => (frozen ? goOn() : pause(false))}
        />
        <Choice
          label={`From ${unit}`}
          value={lots}
          options={LOTS.map((each) => [each, formatWhole(each)] as const)}
          onChoose={(minLots) => onSettings({ minLots, withinTicks: ticks })}
        />
        <Choice
          label="Ticks from the touch"
          value={ticks}
          options={WITHIN_TICKS.map((each) => [each, String(each)] as const)}
          onChoose={(withinTicks) => onSettings({ minLots: lots, withinTicks })}
        />
      </PaneBar>
      {COVERED.has(view.state.kind) || view.state.detail === '' ? null : (
        <p className="border-b border-line bg-panel px-2 py-0.5 text-[12px] text-warn">{view.state.detail}</p>
      )}
      <div className="relative flex min-h-0 flex-1 flex-col">
        <VirtualRows
          ref={list}
          label={`Orders added and pulled near the touch of ${instrument.symbol}, newest first`}
          columns={[
            { title: 'Time IST', className: 'w-24' },
            { title: 'Price', className: 'w-24 text-right' },
            { title: unit, className: 'w-20 text-right' },
            { title: 'What', className: 'flex-1 pl-3' },
          ]}
          count={events.length}
          keyOf={(index) => String(events[index]?.number ?? index)}
          onTop={(isAtTop) => {
            if (!isAtTop) pause(true);
            else if (frozen?.byScroll) goOn();
          }}
        >
          {(index) => <Item event={events[index]} instrument={instrument} />}
        </VirtualRows>
        {events.length === 0 && view.state.kind === 'live' ? (
          <p className="absolute inset-x-0 top-10 px-4 text-center text-muted">
            Nothing of this size has come or gone since this pane was opened.
          </p>
        ) : null}
        <PaneCover state={view.state} onRetry={() => session?.retryNow()} />
      </div>
    </section>
  );
}

function Item({
  event,
  instrument,
}: {
  readonly event: NumberedEvent | undefined;
  readonly instrument: InstrumentSummary;
}) {
  if (!event) return null;
  const { stampUs, side, price, kind, quantity, traded, left, distance } = event;
  const { lotSize } = instrument;
  const colour = side === BID ? 'text-best-bid' : 'text-best-ask';
  const away = distance === 0 ? 'at the touch' : distance < 0 ? `${-distance} inside` : `${distance} away`;
  return (
    <>
      <Cell className="w-24 text-muted">{formatIstTime(stampUs, 'ms')}</Cell>
      <Cell className={clsx('w-24 text-right', colour)}>{formatPrice(price, instrument)}</Cell>
      <Cell className="w-20 text-right text-ink">
        {kind === 'added' ? '+' : '−'}
        {formatLots(quantity, lotSize)}
      </Cell>
      <Cell className={clsx('flex-1 truncate pl-3', colour)}>
        {side === BID ? 'Bid' : 'Ask'} {kind}
        <span className="text-muted">
          {` · ${away} · ${formatLots(left, lotSize)} left${traded > 0 ? ` · ${formatLots(traded, lotSize)} traded there` : ''}`}
        </span>
      </Cell>
    </>
  );
}
