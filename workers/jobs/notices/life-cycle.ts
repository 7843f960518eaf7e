/** What people are told of the product's own life: that it started, that it stops, and that a token was saved. */
import type { NewNotice } from '../../../db/notices.ts';
import { tokenStateOf } from '../../../lib/auth/token-state.ts';
import { readDhanToken, readKiteToken } from '../../../lib/auth/tokens.ts';
import type { Config } from '../../../lib/config/config.ts';
import { formatIstMinute } from '../../../lib/core/ist.ts';

/** A token that was saved before that is no news after a start. */
const NEWS_MS = 10 * 60_000;

/** Once a minute, however often it starts. */
export const startedNotice = (nowMs: number): NewNotice => ({
  event: `started ${formatIstMinute(nowMs)}`,
  level: 'ok',
  title: 'Gehra has started',
  detail: `At ${formatIstMinute(nowMs)} IST. The rehearsal says whether everything is ready.`,
  link: '/rehearsal',
});

export const stoppedNotice = (nowMs: number): NewNotice => ({
  event: `stopped ${formatIstMinute(nowMs)}`,
  level: 'warn',
  title: 'Gehra stops',
  detail: `At ${formatIstMinute(nowMs)} IST, in order. Nothing is told until it starts again.`,
  link: null,
});

/** Tokens that were saved within the last minutes, each under the time that it was saved at. */
export function savedTokens(config: Pick<Config, 'tokenDir'>, nowMs: number): NewNotice[] {
  return [
    { broker: 'kite', name: 'Kite', answer: readKiteToken(config.tokenDir) } as const,
    { broker: 'dhan', name: 'Dhan', answer: readDhanToken(config.tokenDir) } as const,
  ].flatMap(({ broker, name, answer }) => {
    if (!('token' in answer) || Math.abs(nowMs - answer.token.writtenMs) > NEWS_MS) return [];
    const { detail } = tokenStateOf(broker, config, nowMs);
    return [
      {
        event: `token ${broker} saved ${Math.round(answer.token.writtenMs)}`,
        level: 'ok',
        title: `A ${name} token was saved`,
        detail: `At ${formatIstMinute(answer.token.writtenMs)} IST: ${detail}.`,
        link: '/connections',
      } as const,
    ];
  });
}
