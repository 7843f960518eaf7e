'use client';

import dynamic from 'next/dynamic';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { livePath } from '../../lib/client/instruments.ts';
import { SITE_KEYS, type SiteAction } from '../../lib/client/site-keys.ts';
import { InstrumentPicker } from '../instruments/instrument-picker.tsx';
import { offered } from './offers.ts';
import { OnceOpen } from './once-open.tsx';
import { useKeys } from './use-keys.ts';

// Their code is fetched when they are first opened.
const CommandPalette = dynamic(() => import('./command-palette.tsx'), { ssr: false });
const HelpSheet = dynamic(async () => (await import('./help-sheet.tsx')).HelpSheet, { ssr: false });

type Opened = SiteAction['type'] | null;

/**
 * What the keys of every page open: the commands, the search, the keys. A page that listens to one of them itself, deeper down,
 * has taken it before it comes here.
 */
export function SiteKeys({ search }: { readonly search?: (open: () => void) => React.ReactNode }) {
  const router = useRouter();
  const [opened, open] = useState<Opened>(null);
  const act = ({ type }: SiteAction): void => open(type);
  useKeys({ commands: SITE_KEYS, act, last: true });
  const close = (): void => open(null);
  const goTo = (slug: string): void => {
    const taker = offered().find(({ onInstrument }) => onInstrument)?.onInstrument;
    if (taker) taker(slug);
    else router.push(livePath(slug));
  };
  return (
    <>
      {search?.(() => open('search'))}
      <OnceOpen open={opened === 'palette'}>
        <CommandPalette open={opened === 'palette'} onClose={close} onInstrument={goTo} onSite={act} />
      </OnceOpen>
      <InstrumentPicker open={opened === 'search'} onClose={close} onPick={({ slug }) => goTo(slug)} />
      <OnceOpen open={opened === 'help'}>
        <HelpSheet open={opened === 'help'} title="Keys" onClose={close} />
      </OnceOpen>
    </>
  );
}
