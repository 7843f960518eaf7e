/** Rules, what they would have told, and what they told. */
import type { z } from 'zod';
import {
  addAlert,
  addRule,
  crossingsOf,
  loadAlertSettings,
  loadRules,
  newestAlerts,
  outcomeMedians,
  recordedDays,
  removeRule,
  replaceRule,
  signalsForRule,
  storeAlertSettings,
} from '../../db/alerts.ts';
import { flowFeedOf } from '../../db/flow.ts';
import { addNotice, loadChannels } from '../../db/notices.ts';
import type { Frozen } from '../api/parts.ts';
import type {
  AlertsAnswer,
  ChangedRule,
  NewRule,
  PreviewAnswer,
  PreviewAsked,
  RuleMade,
  RuleSettings,
  RulesAnswer,
} from '../api/rules.ts';
import type { InstrumentSummary } from '../core/instrument.ts';
import { addDays, formatIstDate, istMidnightUs } from '../core/ist.ts';
import { ALERT_CHANNELS, alertKey, isAbout, metricOccasion, type Occasion, type Rule } from '../signals/rules.ts';
import type { Caller } from './access.ts';
import { knownInstruments } from './asked-flow.ts';
import { audit } from './audit.ts';
import { services } from './context.ts';
import { RequestError } from './errors.ts';
import { summariesOf } from './instruments.ts';
import { inIst } from './times.ts';
import { OCCASIONS_MAX, wouldTell } from './would-tell.ts';

const RULES_MAX = 100;
const ALERTS_SHOWN = 100;
const SCREEN = 'screen';

export async function rules(caller: Caller): Promise<Frozen<z.output<typeof RulesAnswer>>> {
  const { db } = services();
  const [rows, settings, channels] = await Promise.all([loadRules(db), loadAlertSettings(db), loadChannels(db)]);
  const ids = new Set(rows.flatMap(({ instrumentIds }) => instrumentIds ?? []));
  const byId = new Map((await summariesOf(caller, [...ids])).map((one) => [one.id, one]));
  const isSetUp = (channel: string): boolean => channel === SCREEN || channels.some((one) => one.channel === channel);
  return {
    rules: rows.map(({ instrumentIds, fromMinute, toMinute, lookedUs: _looked, updatedMs, ...rest }) => ({
      ...rest,
      instruments: instrumentIds?.flatMap((id) => byId.get(id)?.slug ?? []) ?? null,
      hours: { from: timeOfDay(fromMinute), to: timeOfDay(toMinute) },
      priceScale: (rest.watch.by === 'metric' && byId.get(instrumentIds?.[0] ?? 0)?.priceScale) || null,
      updated: inIst(updatedMs * 1000),
    })),
    settings: {
      quiet:
        settings.quietFrom === settings.quietTo
          ? null
          : { from: timeOfDay(settings.quietFrom), to: timeOfDay(settings.quietTo) },
      digestMinutes: settings.digestMinutes,
    },
    channels: ALERT_CHANNELS.map((channel) => ({ channel, isSetUp: isSetUp(channel) })),
  };
}

const timeOfDay = (minute: number): string =>
  `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;

const minuteOf = (time: string): number => {
  const [hours, minutes] = time.split(':').map(Number) as [number, number];
  return hours * 60 + minutes;
};

/** The rule that was asked for. @throws RequestError 404 for its instruments, 422 for its metric */
async function ruleOf(caller: Caller, asked: z.output<typeof NewRule>): Promise<Rule> {
  const { name, isOn, watch, hours, cooldownS, cooldownOf, channels } = asked;
  // However it is written, an instrument is one.
  const slugs = asked.instruments && [...new Set(asked.instruments.map((slug) => slug.trim().toUpperCase()))];
  const instruments = slugs && (await knownInstruments(caller, slugs));
  if (watch.by === 'metric') mustBeWatchable(watch, instruments);
  return {
    name,
    isOn,
    watch,
    instrumentIds: instruments?.map(({ id }) => id) ?? null,
    fromMinute: minuteOf(hours.from),
    toMinute: minuteOf(hours.to),
    cooldownS,
    cooldownOf,
    channels,
  };
}

/** @throws RequestError 422 */
function mustBeWatchable(
  { metric, level }: Extract<z.output<typeof NewRule>['watch'], { by: 'metric' }>,
  instruments: readonly InstrumentSummary[] | null,
): void {
  const refuse = (detail: string): never => {
    throw new RequestError(422, 'Cannot be watched', detail);
  };
  if (instruments?.length !== 1) refuse('A metric is watched of one instrument: name it in `instruments`.');
  if (metric !== 'last_price' && instruments?.[0]?.type === 'INDEX') {
    refuse('An index has no quotes: neither spread nor imbalance. Watch its last price, or its future.');
  }
  if (metric === 'imbalance' && Math.abs(level) > 1) refuse('`level`: the imbalance lies between −1 and 1.');
  if (metric !== 'imbalance' && !Number.isInteger(level)) refuse('`level`: prices are whole numbers of price units.');
}

/** @throws RequestError 404, 409, 422 */
export async function makeRule(
  caller: Caller,
  asked: z.output<typeof NewRule>,
): Promise<Frozen<z.output<typeof RuleMade>>> {
  caller.mustBe('owner');
  const rule = await ruleOf(caller, asked);
  const { db } = services();
  if ((await loadRules(db)).length >= RULES_MAX) {
    throw new RequestError(409, 'Too many rules', `There are ${RULES_MAX} rules already: delete one first.`);
  }
  const id = await addRule(db, rule, caller.name);
  await audit(caller, 'rule_made', rule.name);
  return { id };
}

/** @throws RequestError 404, 422 */
export async function changeRule(caller: Caller, { id, ...asked }: z.output<typeof ChangedRule>): Promise<void> {
  caller.mustBe('owner');
  const rule = await ruleOf(caller, asked);
  if (!(await replaceRule(services().db, id, rule, caller.name))) throw noRule(id);
  await audit(caller, 'rule_changed', `${rule.name}, ${rule.isOn ? 'on' : 'off'}`);
}

/** @throws RequestError 404 */
export async function deleteRule(caller: Caller, id: number): Promise<void> {
  caller.mustBe('owner');
  const name = await removeRule(services().db, id);
  if (name === null) throw noRule(id);
  await audit(caller, 'rule_deleted', name);
}

const noRule = (id: number): RequestError => new RequestError(404, 'Unknown rule', `There is no rule ${id}.`);

export async function saveRuleSettings(
  caller: Caller,
  { quiet, digestMinutes }: z.output<typeof RuleSettings>,
): Promise<void> {
  caller.mustBe('owner');
  await storeAlertSettings(services().db, {
    quietFrom: quiet ? minuteOf(quiet.from) : 0,
    quietTo: quiet ? minuteOf(quiet.to) : 0,
    digestMinutes,
  });
  const words = quiet ? `quiet from ${quiet.from} to ${quiet.to}` : 'no quiet hours';
  await audit(caller, 'rule_settings_saved', `${words}, digest every ${digestMinutes} minutes`);
}

/** What a rule would have told of what is stored, by its own code. @throws RequestError 404, 422 */
export async function previewRule(
  caller: Caller,
  { days, ...asked }: z.output<typeof PreviewAsked>,
): Promise<Frozen<z.output<typeof PreviewAnswer>>> {
  caller.mustBe('owner');
  const rule = { id: 0, ...(await ruleOf(caller, asked)) };
  const { db, nowMs } = services();
  const toUs = nowMs() * 1000;
  const fromUs = istMidnightUs(addDays(formatIstDate(toUs), 1 - days));
  const [recorded, occasions] = await Promise.all([recordedDays(db, fromUs, toUs), occasionsOf(rule, fromUs, toUs)]);
  const { toldIds, ...told } = wouldTell(rule, occasions, recorded);
  return { ...told, outcomes: rule.watch.by === 'signals' ? await outcomeMedians(db, toldIds, null) : null };
}

/** Oldest first, one more than are looked at. */
async function occasionsOf(rule: Rule, fromUs: number, toUs: number): Promise<Occasion[]> {
  const { db } = services();
  const { watch, instrumentIds } = rule;
  if (watch.by === 'signals') {
    const found = await signalsForRule(db, watch, instrumentIds, fromUs, toUs, OCCASIONS_MAX + 1);
    return found.filter((signal) => isAbout(rule, signal));
  }
  const instrumentId = instrumentIds?.[0] as number;
  const feedId = await flowFeedOf(db, instrumentId, fromUs, toUs);
  if (feedId === null) return [];
  const crossings = await crossingsOf(db, watch, instrumentId, feedId, fromUs, toUs, OCCASIONS_MAX + 1);
  return crossings.map(({ stampUs }) => metricOccasion(watch, instrumentId, stampUs));
}

/** An alert that says it is a test goes the way of all others. @throws RequestError 404 */
export async function testRule(caller: Caller, id: number): Promise<void> {
  caller.mustBe('owner');
  const { db, nowMs } = services();
  const rule = (await loadRules(db)).find((one) => one.id === id);
  if (!rule) throw noRule(id);
  const ms = nowMs();
  const key = alertKey(id, `test-${ms}`);
  const alert = {
    title: `Test of the rule ${rule.name}`,
    detail: `Asked for by ${caller.name}. Nothing was found`,
    link: '/signals/rules',
  };
  await addAlert(db, {
    key,
    rule,
    // Of no instrument: the cooldown of what is found is another one.
    occasion: { id: `test-${ms}`, kind: 'test', instrumentId: 0, lowPrice: 0, foundUs: ms * 1000 },
    ...alert,
    deliveries: rule.channels.map((channel) => ({ channel, state: channel === SCREEN ? 'sent' : 'waiting' })),
  });
  if (rule.channels.includes(SCREEN)) {
    await addNotice(db, { event: key, level: 'warn', ...alert }, { lasting: false, onPages: true });
  }
  await audit(caller, 'rule_tested', rule.name);
}

export async function alerts(_caller: Caller): Promise<Frozen<z.output<typeof AlertsAnswer>>> {
  const rows = await newestAlerts(services().db, ALERTS_SHOWN);
  return {
    alerts: rows.map(({ key, ruleId, ruleName, title, detail, foundUs, createdMs, deliveries }) => ({
      key,
      ruleId,
      rule: ruleName,
      title,
      detail,
      found: inIst(foundUs),
      made: inIst(createdMs * 1000),
      deliveries: deliveries.map(({ changedMs, ...rest }) => ({ ...rest, changed: inIst(changedMs * 1000) })),
    })),
  };
}
