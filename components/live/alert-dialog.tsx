'use client';

import Link from 'next/link';
import type { InstrumentSummary } from '../../lib/core/instrument.ts';
import { formatPrice } from '../../lib/heatmap/format.ts';
import { Dialog } from '../shell/dialog.tsx';
import { Fault } from '../shell/field.tsx';
import { Action } from '../shell/form-parts.tsx';
import type { PriceAlerts } from './use-price-alerts.ts';

interface Props {
  readonly instrument: InstrumentSummary;
  readonly alerts: PriceAlerts;
  /** Writes another rule on the same price. */
  onAnother(): void;
}

/** What an alert in the picture is, and the way to be rid of it. It closes by itself when its rule is gone. */
export function AlertDialog({ instrument, alerts, onAnother }: Props) {
  const { chosen, fault, mayChange, busy } = alerts;
  const close = (): void => alerts.choose(null);
  return (
    <Dialog open={chosen !== null} title="Alert" onClose={close}>
      {chosen ? (
        <>
          <p className="font-medium break-words">{chosen.name}</p>
          <p className="mt-1">
            {`When the last price comes ${chosen.direction} `}
            <span className="font-mono tabular-nums">{formatPrice(chosen.price, instrument)}</span>
            {chosen.isOn ? '.' : '. It is switched off: it tells nothing.'}
          </p>
          <Fault>{fault}</Fault>
          <div className="mt-4 flex flex-wrap items-center gap-2">
            {mayChange ? (
              <>
                {/* First, and so with the focus: Enter must not delete. */}
                <Action
                  onClick={() => {
                    close();
                    onAnother();
                  }}
                >
                  Another at this price
                </Action>
                <Action disabled={busy} onClick={() => alerts.remove(chosen.id)}>
                  Delete
                </Action>
              </>
            ) : (
              <span className="text-muted">Only an owner may change rules.</span>
            )}
            <Link href="/signals/rules" prefetch={false} className="underline">
              All rules
            </Link>
          </div>
        </>
      ) : null}
    </Dialog>
  );
}
