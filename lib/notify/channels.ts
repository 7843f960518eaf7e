/** The channels on which people are told things when no page is open, and the form that each of them wants. */
import { createHmac } from 'node:crypto';
import { z } from 'zod';
import type { Grade } from '../core/finding.ts';
import { OutgoingError, postJson } from './outgoing.ts';

export const CHANNELS = ['slack', 'telegram'] as const;
export type ChannelName = (typeof CHANNELS)[number];

export const CHANNEL_TITLES: Readonly<Record<ChannelName, string>> = {
  slack: 'Slack or a compatible webhook',
  telegram: 'Telegram bot',
};

/** What a channel has to be told; all of it is secret, and sealed at rest. */
export const channelSchemas = {
  slack: z.strictObject({
    webhookUrl: z.url('is no address').max(2000),
    signingKey: z.string().min(16, 'is too short: a signing key has at least 16 characters').max(200).optional(),
  }),
  telegram: z.strictObject({
    botToken: z
      .string()
      .regex(/^\d{3,20}:[A-Za-z0-9_-]{10,100}$/, 'is no bot token: BotFather gives it as 123456:ABC…'),
    chatId: z.string().regex(/^(-?\d{1,20}|@[A-Za-z0-9_]{5,64})$/, 'is no chat: a number, or @name of a channel'),
  }),
} as const;

export type ChannelSettings<Name extends ChannelName = ChannelName> = z.output<(typeof channelSchemas)[Name]>;

export interface Message {
  readonly level: Grade;
  readonly title: string;
  readonly detail: string;
  /** Address of the page that it leads to; null where there is none. */
  readonly link: string | null;
  /** The same for each attempt to send it, for whoever takes it to know a repetition by. */
  readonly idempotencyKey?: string;
}

export interface Outside {
  readonly telegramUrl: string;
  /** Private addresses may be sent to: the simulated market and tests. */
  readonly allowLoopback: boolean;
  /** Clock of signatures, ms since the epoch. */
  readonly nowMs?: () => number;
}

/** A gateway got no answer from whoever is behind it, and does not know what became of the message. */
const GATEWAY_STATUSES: readonly number[] = [502, 504];

const SIGNS: Readonly<Record<Grade, string>> = { ok: '✅', warn: '⚠️', fail: '🔴' };

/** Sends a message. @throws OutgoingError that says what is wrong with the channel, without its secrets */
export async function send(
  channel: ChannelName,
  settings: ChannelSettings,
  message: Message,
  outside: Outside,
): Promise<void> {
  if (channel === 'slack') await sendSlack(settings as ChannelSettings<'slack'>, message, outside);
  else await sendTelegram(settings as ChannelSettings<'telegram'>, message, outside);
}

/** Slack's incoming webhooks (api.slack.com/messaging/webhooks), which Mattermost, Discord and others take too. */
async function sendSlack(
  { webhookUrl, signingKey }: ChannelSettings<'slack'>,
  message: Message,
  { allowLoopback, nowMs = Date.now }: Outside,
): Promise<void> {
  const { status, text } = await postJson(webhookUrl, slackBody(message), {
    allowLoopback,
    headers: (payload) => ({
      ...(message.idempotencyKey ? { 'idempotency-key': message.idempotencyKey } : {}),
      ...(signingKey ? { [SIGNATURE_HEADER]: signatureOf(signingKey, Math.floor(nowMs() / 1000), payload) } : {}),
    }),
  });
  if (status >= 200 && status < 300) return;
  const host = new URL(webhookUrl).hostname;
  // Slack says in one word what is wrong: no_service, invalid_token, channel_is_archived.
  const word = /^[a-z_]{2,40}$/.test(text.trim()) ? ` (${text.trim()})` : '';
  const advice =
    status === 403 || status === 404 || status === 410 ? ': make a new webhook, and enter its address' : '';
  throw new OutgoingError(
    `${host} refused the message with status ${status}${word}${advice}`,
    GATEWAY_STATUSES.includes(status),
  );
}

const SIGNATURE_HEADER = 'x-gehra-signature';

/**
 * Says who sent a body and when: `t=<s since the epoch>,v1=<hex>`, with HMAC-SHA256 over the time, a full stop and the bytes of the
 * body. Whoever takes it makes the same and compares, and refuses times that are long past.
 */
export function signatureOf(signingKey: string, timeS: number, payload: Uint8Array): string {
  return `t=${timeS},v1=${createHmac('sha256', signingKey).update(`${timeS}.`).update(payload).digest('hex')}`;
}

export function slackBody({ level, title, detail, link }: Message): object {
  const escaped = (text: string): string =>
    text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  const heading = `${SIGNS[level]} *${escaped(title)}*`;
  const body = [heading, escaped(detail), ...(link ? [`<${link}|Open Gehra>`] : [])].join('\n');
  return { text: `${title}: ${detail}`, blocks: [{ type: 'section', text: { type: 'mrkdwn', text: body } }] };
}

/** core.telegram.org/bots/api#sendmessage; the token stands in the path, so the address never gets into a log. */
async function sendTelegram(
  { botToken, chatId }: ChannelSettings<'telegram'>,
  { level, title, detail, link }: Message,
  { telegramUrl, allowLoopback }: Outside,
): Promise<void> {
  const text = [`${SIGNS[level]} ${title}`, detail, ...(link ? [link] : [])].join('\n');
  const { status, text: answer } = await postJson(
    `${telegramUrl}/bot${botToken}/sendMessage`,
    { chat_id: chatId, text, link_preview_options: { is_disabled: true } },
    { allowLoopback },
  );
  if (status >= 200 && status < 300) return;
  if (status === 401 || status === 404) {
    throw new OutgoingError('Telegram does not know the bot: enter its token as BotFather gives it');
  }
  if (status === 403) throw new OutgoingError('the bot may not write to this chat: open the chat and press Start');
  if (status === 400 && answer.includes('chat not found')) {
    throw new OutgoingError(
      'Telegram finds no such chat: write to the bot once, or put it into the group, and check the id',
    );
  }
  throw new OutgoingError(`Telegram refused the message with status ${status}`, GATEWAY_STATUSES.includes(status));
}
