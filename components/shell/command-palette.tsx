'use client';

import { Command } from 'cmdk';
import { useRouter } from 'next/navigation';
import { useEffect, useRef, useState } from 'react';
import { SEARCH_LENGTH_MAX } from '../../lib/client/instruments.ts';
import { HELP, SEARCH, type SiteAction } from '../../lib/client/site-keys.ts';
import { chooseTheme, THEME_CHOICES } from '../../lib/client/theme-choice.ts';
import { useInstruments } from '../instruments/use-instruments.ts';
import { Dialog } from './dialog.tsx';
import { keyOffers, type OfferedCommand, offered } from './offers.ts';
import { PAGES } from './site-header.tsx';

/** Instruments are looked for from so many letters on, and so many are listed. */
const SEARCH_FROM = 2;
const INSTRUMENTS_MAX = 8;

interface Props {
  readonly open: boolean;
  onClose(): void;
  onInstrument(slug: string): void;
  onSite(action: SiteAction): void;
}

/** Everything that can be done on the page, by name, and the instruments that match. */
export default function CommandPalette({ open, onClose, onInstrument, onSite }: Props) {
  const chosen = useRef<(() => void) | null>(null);
  // What is chosen may open a dialog of its own: this one is closed first.
  useEffect(() => {
    if (open) return;
    const run = chosen.current;
    chosen.current = null;
    run?.();
  }, [open]);
  return (
    <Dialog open={open} title="Commands" onClose={onClose}>
      <Choices
        onInstrument={onInstrument}
        onSite={onSite}
        onChosen={(run) => {
          chosen.current = run;
          onClose();
        }}
      />
    </Dialog>
  );
}

type ChoicesProps = Pick<Props, 'onInstrument' | 'onSite'> & { onChosen(run: () => void): void };

function Choices({ onInstrument, onSite, onChosen }: ChoicesProps) {
  const router = useRouter();
  const [text, setText] = useState('');
  const [marked, setMarked] = useState('');
  const [commands] = useState((): readonly OfferedCommand[] => [
    ...offered().flatMap((offer) => offer.commands),
    ...keyOffers('Gehra', [SEARCH, HELP], onSite),
    ...THEME_CHOICES.map((theme) => ({
      id: `theme ${theme}`,
      title: `Theme: ${theme}`,
      group: 'Gehra',
      run: () => chooseTheme(theme),
    })),
    ...PAGES.map(({ href, name }) => ({
      id: `page ${href}`,
      title: `Go to ${name}`,
      group: 'Pages',
      run: () => router.push(href),
    })),
  ]);
  const search = text.trim();
  const { data: found } = useInstruments(search.length < SEARCH_FROM ? '' : search);
  const words = search.toLowerCase().split(/\s+/);
  const matching = commands.filter(({ title, group }) => {
    const said = `${group} ${title}`.toLowerCase();
    return words.every((word) => said.includes(word));
  });
  const instruments = (found ?? []).slice(0, INSTRUMENTS_MAX);
  // A page may offer the same command twice: the first one is the nearest.
  const listed = [...new Map(matching.toReversed().map((command) => [command.id, command])).values()].toReversed();
  // What was marked may be gone with the next letter, or when an answer comes.
  const ids = [...listed.map(({ id }) => id), ...instruments.map(({ slug }) => instrumentId(slug))];
  const current = ids.includes(marked) ? marked : (ids[0] ?? '');
  const groups = [...new Set(listed.map(({ group }) => group))];
  return (
    <Command label="Commands" shouldFilter={false} loop value={current} onValueChange={setMarked}>
      <Command.Input
        ref={focusedFirst}
        value={text}
        onValueChange={setText}
        maxLength={SEARCH_LENGTH_MAX}
        placeholder="A command, a page, an instrument …"
        className="mb-2 h-9 w-full rounded border border-edge bg-raised px-3 placeholder:text-faint"
      />
      <Command.List className="max-h-[50vh] overflow-y-auto">
        <Command.Empty className="py-6 text-center text-muted">Nothing here is called “{search}”.</Command.Empty>
        {groups.map((group) => (
          <Command.Group key={group} heading={group} className={GROUP}>
            {listed
              .filter((each) => each.group === group)
              .map(({ id, title, keys, run }) => (
                <Command.Item key={id} value={id} onSelect={() => onChosen(run)} className={ITEM}>
                  <span className="min-w-0 truncate">{title}</span>
                  {keys ? <kbd className="shrink-0 font-mono text-[11px] text-muted">{keys}</kbd> : null}
                </Command.Item>
              ))}
          </Command.Group>
        ))}
        {instruments.length > 0 ? (
          <Command.Group heading="Instruments" className={GROUP}>
            {instruments.map(({ slug, symbol, exchange }) => (
              <Command.Item
                key={slug}
                value={instrumentId(slug)}
                onSelect={() => onChosen(() => onInstrument(slug))}
                className={ITEM}
              >
                <span className="min-w-0 truncate">
                  {symbol} <span className="text-[11px] text-muted">{exchange}</span>
                </span>
              </Command.Item>
            ))}
          </Command.Group>
        ) : null}
      </Command.List>
    </Command>
  );
}

const instrumentId = (slug: string): string => `instrument ${slug}`;

/** The dialog focuses what has the attribute, which React leaves out; else it takes the box around all this. */
const focusedFirst = (input: HTMLInputElement | null): void => input?.setAttribute('autofocus', '');

const GROUP =
  'pb-1.5 [&>[cmdk-group-heading]]:px-2 [&>[cmdk-group-heading]]:py-1 [&>[cmdk-group-heading]]:text-[11px] [&>[cmdk-group-heading]]:text-muted';
const ITEM =
  'flex cursor-pointer items-center justify-between gap-4 rounded px-2 py-1 data-[selected=true]:bg-hover data-[selected=true]:text-ink';
