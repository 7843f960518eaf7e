/** Rules and alerts as pages ask for them and change them. */
import type { z } from 'zod';
import type { AlertsAnswer, NewRule, PreviewAnswer, RuleSettings, RulesAnswer } from '../api/rules.ts';
import type { AlertChannel } from '../signals/rules.ts';
import { ask, send } from './api.ts';

export type Rules = z.output<typeof RulesAnswer>;
export type ShownRule = Rules['rules'][number];
export type RuleBody = z.output<typeof NewRule>;
export type Preview = z.output<typeof PreviewAnswer>;
export type Alert = z.output<typeof AlertsAnswer>['alerts'][number];
export type AlertDelivery = Alert['deliveries'][number];
export type Settings = z.output<typeof RuleSettings>;

const PATH = '/api/signals/rules';

export const CHANNEL_NAMES: Readonly<Record<AlertChannel, string>> = {
  screen: 'On screen',
  slack: 'Webhook',
  telegram: 'Telegram',
};

/** Of each: @throws ServerProblem, or TypeError where there is no answer */
export const fetchRules = (): Promise<Rules> => ask(PATH);
export const makeRule = (rule: RuleBody): Promise<{ id: number }> => send('POST', PATH, rule);
export const changeRule = (id: number, rule: RuleBody): Promise<void> => send('PATCH', PATH, { id, ...rule });
export const deleteRule = (id: number): Promise<void> => send('DELETE', PATH, { id });
export const previewRule = (rule: RuleBody, days: number): Promise<Preview> =>
  send('POST', `${PATH}/preview`, { ...rule, days });
export const testRule = (id: number): Promise<void> => send('POST', `${PATH}/test`, { id });
export const saveRuleSettings = (settings: Settings): Promise<void> => send('PATCH', `${PATH}/settings`, settings);
export const fetchAlertLog = async (): Promise<readonly Alert[]> =>
  (await ask<z.output<typeof AlertsAnswer>>(`${PATH}/alerts`)).alerts;
export const testChannel = (channel: 'slack' | 'telegram'): Promise<unknown> =>
  send('POST', '/api/settings/notifications/test', { channel });
