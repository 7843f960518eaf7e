'use client';

import { useMutation } from '@tanstack/react-query';
import { asProblem } from '../../lib/client/problem.ts';
import { CHANNEL_NAMES, type Rules, testChannel } from '../../lib/client/rules.ts';
import { SmallButton } from '../instruments/form-parts.tsx';

/** Where alerts can be told outside this page, each tried on its own. */
export function ChannelTests({
  channels,
  mayChange,
}: {
  readonly channels: Rules['channels'];
  readonly mayChange: boolean;
}) {
  return (
    <ul aria-label="Channels" className="flex flex-col gap-2">
      {channels.map(({ channel, isSetUp }) =>
        channel === 'screen' ? null : (
          <ChannelItem key={channel} channel={channel} isSetUp={isSetUp} mayChange={mayChange} />
        ),
      )}
    </ul>
  );
}

interface ItemProps {
  readonly channel: 'slack' | 'telegram';
  readonly isSetUp: boolean;
  readonly mayChange: boolean;
}

function ChannelItem({ channel, isSetUp, mayChange }: ItemProps) {
  const test = useMutation({ mutationFn: () => testChannel(channel) });
  const said = test.isPending ? 'Sending…' : test.isSuccess ? 'The test was sent.' : '';
  return (
    <li className="flex flex-wrap items-center gap-x-3 gap-y-1">
      <span className="w-20 font-medium">{CHANNEL_NAMES[channel]}</span>
      {isSetUp ? (
        <SmallButton
          aria-label={`Send a test to ${CHANNEL_NAMES[channel]}`}
          disabled={!mayChange || test.isPending}
          onClick={() => test.mutate()}
        >
          Send a test
        </SmallButton>
      ) : (
        <span className="text-muted">Not set up.</span>
      )}
      <span role="status" className={test.error ? 'text-fault' : 'text-up'}>
        {test.error ? asProblem(test.error).detail : said}
      </span>
    </li>
  );
}
