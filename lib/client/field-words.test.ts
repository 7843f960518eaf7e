import { expect, it } from 'vitest';
import { z } from 'zod';
import { enteredDaySchema } from '../net/calendar-file.ts';
import { channelSchemas } from '../notify/channels.ts';
import { RequestError } from '../services/errors.ts';
import { parse } from '../services/route.ts';
import { withFieldWords } from './field-words.ts';

/** What the form says of a body, by what the server says of it. */
function said(schema: z.ZodType, body: unknown): string {
  try {
    parse(schema, body, 'body');
  } catch (error) {
    if (error instanceof RequestError) return withFieldWords(error.message);
    throw error;
  }
  throw new Error('the body was taken');
}

it('says what is wrong with a channel', () => {
  const signed = { webhookUrl: 'https://hooks.example/x', signingKey: 'short' };
  expect(said(channelSchemas.slack, signed)).toMatch(/^The signing key is too short/);
  expect(said(channelSchemas.slack, { webhookUrl: 'nowhere' })).toBe('The webhook address is no address.');
  expect(said(channelSchemas.telegram, { botToken: 'x', chatId: 'y z' })).toBe(
    'The bot token is no bot token: BotFather gives it as 123456:ABC…; the chat is no chat: a number, or @name of a channel.',
  );
});

it('says what is wrong with a day', () => {
  const day = { date: '2026-11-08', kind: 'muhurat', name: 'Muhurat', hours: { start: '19:00', end: '18:00' } };
  const body = z.strictObject({ day: enteredDaySchema });
  expect(said(body, { day })).toBe('The session ends before it starts.');
  expect(said(body, { day: { ...day, date: 'soon', name: ' ', hours: { start: '18:00', end: '19:00' } } })).toBe(
    'The date is no date of the form 2026-11-08; the name is empty.',
  );
});

it('leaves what it does not know as it is', () => {
  for (const words of ['limit: Too big.', 'Sign in first.', 'The broker says: no token.', 'constructor: is none.']) {
    expect(withFieldWords(words)).toBe(words);
  }
});
