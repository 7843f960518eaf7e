'use client';

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { ask, send } from '../../lib/client/api.ts';
import { asProblem } from '../../lib/client/problem.ts';
import { formatIstMinute } from '../../lib/core/ist.ts';
import { Answer } from '../shell/answer.tsx';
import { Field } from '../shell/field.tsx';
import { Action, Outcome, Panel } from '../shell/form-parts.tsx';
import { useMe } from '../shell/use-me.ts';
import { DesktopPanel } from './desktop-panel.tsx';
import { OwnersAct } from './owners-only.tsx';

interface Channel {
  readonly channel: 'slack' | 'telegram';
  readonly title: string;
  readonly leadsTo: string | null;
  readonly updatedMs: number | null;
  readonly sentMs: number | null;
  readonly failure: string | null;
}

interface Channels {
  readonly channels: readonly Channel[];
}

const KEY = ['notification channels'];
const PATH = '/api/settings/notifications';

export function NotificationChannels() {
  const query = useQuery({ queryKey: KEY, queryFn: () => ask<Channels>(PATH) });
  const role = useMe()?.role;
  return (
    <>
      <DesktopPanel />
      <Answer query={query} what="the channels">
        {({ channels }) => (
          <>
            {role === 'viewer' ? (
              <div className="mt-6">
                <OwnersAct toDo="change the channels below" />
              </div>
            ) : null}
            {channels.map((channel) => (
              <ChannelPanel key={channel.channel} channel={channel} mayChange={role === 'owner'} />
            ))}
          </>
        )}
      </Answer>
    </>
  );
}

function ChannelPanel({
  channel: { channel, title, leadsTo, sentMs, failure },
  mayChange,
}: {
  channel: Channel;
  mayChange: boolean;
}) {
  const client = useQueryClient();
  const [fault, setFault] = useState<string | null>(null);
  const [done, setDone] = useState<string | null>(null);
  const act = useMutation({
    mutationFn: async ({ work }: { work: () => Promise<Channels | { sent: true }>; done: string }) => work(),
    onMutate: () => {
      setFault(null);
      setDone(null);
    },
    onSuccess: (answer, { done: words }) => {
      setDone(words);
      if ('channels' in answer) client.setQueryData(KEY, answer);
    },
    onError: (error) => setFault(asProblem(error).detail),
  });
  const save = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const form = event.currentTarget;
    // What may be left out is not sent empty.
    const fields = Object.fromEntries([...new FormData(form)].filter(([, value]) => value !== ''));
    act.mutate(
      { work: () => send('PUT', PATH, { channel, ...fields }), done: 'Saved. Send a test to see that it works.' },
      // What is secret does not stay on the page.
      { onSuccess: () => form.reset() },
    );
  };

  return (
    <Panel title={title}>
      <p className="text-muted">
        {leadsTo === null ? 'Not set up.' : `Messages go to ${leadsTo}.${sentWords(sentMs)}`}
      </p>
      {failure ? <p className="mt-1 text-warn">{`The last message could not be sent: ${failure}.`}</p> : null}
      <form onSubmit={save} autoComplete="off" className="mt-3">
        <fieldset disabled={!mayChange} className="grid items-start gap-3 sm:grid-cols-2">
          {channel === 'slack' ? (
            <>
              <Field
                label="Webhook address"
                hint="Slack, Mattermost or whatever takes Slack's messages. Kept encrypted, and not shown again."
                name="webhookUrl"
                type="password"
                autoComplete="off"
                placeholder="https://"
                required
                maxLength={2000}
                className="sm:col-span-2"
              />
              <Field
                label="Signing key (optional)"
                hint="At least 16 characters: messages are then signed, so that who gets them knows that they are from here. Kept encrypted, and not shown again; replacing the address without it removes it."
                name="signingKey"
                type="password"
                autoComplete="off"
                minLength={16}
                maxLength={200}
                className="sm:col-span-2"
              />
            </>
          ) : (
            <>
              <Field
                label="Bot token"
                hint="As BotFather gives it. Kept encrypted, and not shown again."
                name="botToken"
                type="password"
                autoComplete="off"
                required
                maxLength={150}
              />
              <Field
                label="Chat"
                hint="The number of a chat that has written to the bot, or @name of a channel."
                name="chatId"
                autoComplete="off"
                required
                maxLength={70}
              />
            </>
          )}
          <div className="flex flex-wrap gap-2 sm:col-span-2">
            <Action type="submit" main disabled={act.isPending}>
              {leadsTo === null ? 'Save' : 'Replace'}
            </Action>
            <Action
              disabled={act.isPending || leadsTo === null}
              onClick={() =>
                act.mutate({ work: () => send('POST', `${PATH}/test`, { channel }), done: 'The test was sent.' })
              }
            >
              Send a test
            </Action>
            <Action
              disabled={act.isPending || leadsTo === null}
              onClick={() => act.mutate({ work: () => send('DELETE', `${PATH}?channel=${channel}`), done: 'Removed.' })}
            >
              Remove
            </Action>
          </div>
        </fieldset>
      </form>
      <Outcome fault={fault} done={done} />
    </Panel>
  );
}

const sentWords = (ms: number | null): string =>
  ms === null ? '' : ` The last one was sent ${formatIstMinute(ms)} IST.`;
