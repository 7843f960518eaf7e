/** Channels of notifications and what was told, as pages see and set them. Secrets go in and never come out. */
import { z } from 'zod';
import {
  loadChannels,
  type Notice,
  newestNoticeId,
  noticesAfter,
  removeChannel,
  storeChannel,
} from '../../db/notices.ts';
import { SealError } from '../auth/seal.ts';
import {
  CHANNEL_TITLES,
  CHANNELS,
  type ChannelName,
  type ChannelSettings,
  channelSchemas,
  send,
} from '../notify/channels.ts';
import { allowedUrl, OutgoingError } from '../notify/outgoing.ts';
import { sealSettings, unsealSettings } from '../notify/sealed.ts';
import type { Caller } from './access.ts';
import { audit } from './audit.ts';
import { services } from './context.ts';
import { RequestError } from './errors.ts';

export const ChannelBody = z.discriminatedUnion('channel', [
  channelSchemas.slack.extend({ channel: z.literal('slack') }),
  channelSchemas.telegram.extend({ channel: z.literal('telegram') }),
]);
export const ChannelChoice = z.strictObject({ channel: z.enum(CHANNELS) });
export const NoticesQuery = z.strictObject({
  after: z.coerce.number().int().min(0).optional(),
  /** Without it the others: a storm of alerts keeps nobody from what else has to be known. */
  of: z.enum(['alerts', 'others']).optional(),
});

/** A page that was closed for longer shows nothing of what it missed: the channels have told it. */
const NOTICES_HOURS = 12;
const NOTICES_MAX = 20;

export interface ChannelView {
  readonly channel: ChannelName;
  readonly title: string;
  /** Where it leads, without anything secret; null where it is not set up. */
  readonly leadsTo: string | null;
  /** Whether messages are signed (docs/ALERTS.md). */
  readonly isSigned: boolean;
  readonly updatedMs: number | null;
  readonly sentMs: number | null;
  /** Why the last message could not be sent; null where it could. */
  readonly failure: string | null;
}

export async function channelsOf(_caller: Caller): Promise<ChannelView[]> {
  const { db, config } = services();
  const rows = new Map((await loadChannels(db)).map((row) => [row.channel, row]));
  return CHANNELS.map((channel) => {
    const row = rows.get(channel);
    const title = CHANNEL_TITLES[channel];
    if (!row) {
      return { channel, title, leadsTo: null, isSigned: false, updatedMs: null, sentMs: null, failure: null };
    }
    const { updatedMs, sentMs, failure } = row;
    try {
      const settings = unsealSettings(config.authSecret, channel, row.sealed);
      const isSigned = 'signingKey' in settings && settings.signingKey !== undefined;
      return { channel, title, leadsTo: placeOf(channel, settings), isSigned, updatedMs, sentMs, failure };
    } catch (error) {
      if (!(error instanceof SealError)) throw error;
      const unreadable = 'its settings cannot be read, because AUTH_SECRET is another now: enter them again';
      return { channel, title, leadsTo: 'unknown', isSigned: false, updatedMs, sentMs, failure: unreadable };
    }
  });
}

function placeOf(channel: ChannelName, settings: ChannelSettings): string {
  if (channel === 'slack') return new URL((settings as ChannelSettings<'slack'>).webhookUrl).hostname;
  return `chat ${(settings as ChannelSettings<'telegram'>).chatId}`;
}

/** @throws RequestError 422 where nothing may be sent to the address, 409 where there is no AUTH_SECRET */
export async function saveChannel(caller: Caller, body: z.output<typeof ChannelBody>): Promise<void> {
  caller.mustBe('owner');
  const { db, config } = services();
  const { channel, ...settings } = body;
  if (channel === 'slack') {
    try {
      allowedUrl((settings as ChannelSettings<'slack'>).webhookUrl, config.simulated);
    } catch (error) {
      if (!(error instanceof OutgoingError)) throw error;
      throw new RequestError(422, 'Not accepted', `The webhook is not accepted: ${error.message}.`);
    }
  }
  await storeChannel(db, channel, sealed(channel, settings as ChannelSettings));
  await audit(caller, 'channel_saved', CHANNEL_TITLES[channel]);
}

function sealed(channel: ChannelName, settings: ChannelSettings): string {
  try {
    return sealSettings(services().config.authSecret, channel, settings);
  } catch (error) {
    if (error instanceof SealError) throw new RequestError(409, 'Cannot be kept', `${error.message}.`);
    throw error;
  }
}

/** @throws RequestError 404 where it is not set up */
export async function dropChannel(caller: Caller, channel: ChannelName): Promise<void> {
  caller.mustBe('owner');
  if (!(await removeChannel(services().db, channel))) throw notSetUp(channel);
  await audit(caller, 'channel_removed', CHANNEL_TITLES[channel]);
}

/** Sends a message at once. @throws RequestError 404 where it is not set up, 502 with what went wrong */
export async function testChannel(caller: Caller, channel: ChannelName): Promise<void> {
  caller.mustBe('owner');
  const { db, config } = services();
  const row = (await loadChannels(db)).find((candidate) => candidate.channel === channel);
  if (!row) throw notSetUp(channel);
  const message = {
    level: 'ok',
    title: 'Test from Gehra',
    detail: 'What you have to know before the market opens will come here.',
    link: `${config.appUrl}/rehearsal`,
  } as const;
  try {
    const settings = unsealSettings(config.authSecret, channel, row.sealed);
    const { telegramUrl } = config.notify;
    await send(channel, settings, message, { telegramUrl, allowLoopback: config.simulated });
  } catch (error) {
    if (error instanceof OutgoingError) throw new RequestError(502, 'Not sent', `Not sent: ${error.message}.`);
    if (error instanceof SealError) throw new RequestError(409, 'Not sent', `Not sent: ${error.message}.`);
    throw error;
  }
}

/** What was told since a notice, and which is the newest; without `after` only the latter. */
export async function newNotices(
  _caller: Caller,
  { after, of = 'others' }: z.output<typeof NoticesQuery>,
): Promise<{ readonly newest: number; readonly notices: readonly Notice[] }> {
  const { db } = services();
  const notices = after === undefined ? [] : await noticesAfter(db, { after, of }, NOTICES_HOURS, NOTICES_MAX);
  return { newest: notices.at(-1)?.id ?? (await newestNoticeId(db)), notices };
}

const notSetUp = (channel: ChannelName): RequestError =>
  new RequestError(404, 'Not set up', `${CHANNEL_TITLES[channel]} is not set up.`);
