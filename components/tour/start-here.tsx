'use client';

import Link from 'next/link';
import type { ReactNode } from 'react';
import { livePath } from '../../lib/client/instruments.ts';
import type { InstrumentSummary } from '../../lib/core/instrument.ts';
import { useInstruments } from '../instruments/use-instruments.ts';
import { useMe } from '../shell/use-me.ts';

/** Where to begin in an installation that nobody has used yet. @param onDone it is put aside for good */
export function StartHere({ onDone }: { onDone(): void }) {
  const me = useMe();
  const { data: instruments } = useInstruments('');
  const deepest = instruments?.find(({ levels }) => levels === 200) ?? instruments?.[0];
  return (
    <section aria-labelledby="start-here" className="mb-6 rounded-lg border border-edge bg-panel px-4 py-4">
      <div className="flex items-start justify-between gap-4">
        <h2 id="start-here" className="font-semibold">
          Start here
        </h2>
        <button type="button" onClick={onDone} className="rounded border border-edge px-2 py-0.5 hover:bg-hover">
          Put aside
        </button>
      </div>
      {me?.simulated ? (
        <p className="mt-1 text-muted">
          The market is simulated and trades around the clock, so that everything can be tried at once. Nothing of it is
          real.
        </p>
      ) : null}
      <ol className="mt-3 grid gap-x-6 gap-y-3 sm:grid-cols-2">
        <Step title="Look at the depth" link={instruments ? depthLink(deepest) : null}>
          The book over time, 200 levels a side. A tour of five steps says what is what.
        </Step>
        <Step title="Lay out a workspace" link={{ href: '/workspace', words: 'Begin with a sample layout' }}>
          Heatmap, ladder, tape, footprint and charts beside each other: scalper, researcher or options.
        </Step>
        <Step title="Be told of walls and prices" link={{ href: '/signals/rules', words: 'Write a rule' }}>
          Detectors find walls, pulls and absorption; a rule tells you on screen, by webhook or by Telegram.
        </Step>
        <Step title="Bring your broker" link={{ href: '/connections', words: 'Connect Zerodha or Dhan' }}>
          Real depth is recorded from then on, with every gap and its cause.
        </Step>
      </ol>
    </section>
  );
}

interface StepLink {
  readonly href: string;
  readonly words: string;
}

const depthLink = (deepest: InstrumentSummary | undefined): StepLink =>
  deepest
    ? { href: livePath(deepest.slug), words: `Open the heatmap of ${deepest.symbol}` }
    : { href: '/instruments', words: 'Choose what is recorded' };

interface StepProps {
  readonly title: string;
  readonly children: ReactNode;
  /** null: not known yet. */
  readonly link: StepLink | null;
}

function Step({ title, children, link }: StepProps) {
  return (
    <li>
      <h3 className="font-medium">{title}</h3>
      <p className="text-muted">{children}</p>
      {link ? (
        <Link href={link.href} prefetch={false} className="underline">
          {link.words}
        </Link>
      ) : (
        // Its line is kept for it.
        <span aria-hidden="true">…</span>
      )}
    </li>
  );
}
