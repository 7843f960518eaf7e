'use client';

import Link from 'next/link';
import { useRouter, useSearchParams } from 'next/navigation';
import { useEffect, useState } from 'react';
import { asProblem } from '../../lib/client/problem.ts';
import { draftFromAddress, draftOf, newDraft, RULE_LIMITS, type RuleDraft } from '../../lib/client/rule-draft.ts';
import { changeRule, makeRule, type RuleBody, type Rules, type ShownRule } from '../../lib/client/rules.ts';
import { useSubscribed } from '../panes/use-latest.ts';
import { DesktopPanel } from '../settings/desktop-panel.tsx';
import { OwnersAct } from '../settings/owners-only.tsx';
import { Answer } from '../shell/answer.tsx';
import { Action, Panel } from '../shell/form-parts.tsx';
import { useMe } from '../shell/use-me.ts';
import { AlertLog } from './alert-log.tsx';
import { AlertRuleForm } from './alert-rule-form.tsx';
import { ChannelTests } from './channel-tests.tsx';
import { RuleList } from './rule-list.tsx';
import { RuleSettingsForm } from './rule-settings.tsx';
import { ScreenSound } from './screen-sound.tsx';
import { useAlertLog, useRuleChange, useRules } from './use-rules.ts';

const PATH = '/signals/rules';

interface Written {
  /** null: a new one. */
  readonly id: number | null;
  readonly title: string;
  readonly draft: RuleDraft;
  readonly priceScale: number | null;
}

/** Rules, what they told, and how it is told. */
export function RulesPage({ isAlwaysOpen }: { readonly isAlwaysOpen: boolean }) {
  const query = useRules();
  const log = useAlertLog();
  const mayChange = useMe()?.role === 'owner';
  const isViewer = useMe()?.role === 'viewer';
  return (
    <>
      <Outdated query={query} />
      {/* What was known stays when it cannot be asked for again: a rule may be half written. */}
      <Answer query={query.data ? { ...query, error: null } : query} what="the rules">
        {(rules) => (
          <>
            {isViewer ? (
              <div className="mb-3">
                <OwnersAct toDo="make, change and test rules" />
              </div>
            ) : null}
            <RulePart rules={rules} alerts={log.data} mayChange={mayChange} start={newDraft(isAlwaysOpen)} />
            <section aria-labelledby="alerts" className="mt-8">
              <h2 id="alerts" className="mb-2 font-semibold">
                What was told
              </h2>
              <Outdated query={log} />
              <Answer query={log.data ? { ...log, error: null } : log} what="the alerts">
                {(alerts) => <AlertLog alerts={alerts} rules={rules.rules} />}
              </Answer>
            </section>
            <Panel title="When and how, of all rules">
              <RuleSettingsForm settings={rules.settings} mayChange={mayChange} />
            </Panel>
            <Panel title="Channels">
              <p className="mb-3 text-muted">
                Their addresses, tokens and the webhook’s signing key are entered under{' '}
                <Link href="/settings/notifications" prefetch={false} className="underline">
                  Settings, Notifications
                </Link>
                .
              </p>
              <ChannelTests channels={rules.channels} mayChange={mayChange} />
            </Panel>
            <ScreenSound />
            <DesktopPanel />
          </>
        )}
      </Answer>
    </>
  );
}

interface Asked {
  readonly data: unknown;
  readonly error: Error | null;
  readonly dataUpdatedAt: number;
}

/** That what is shown is not of now. */
function Outdated({ query: { data, error, dataUpdatedAt } }: { readonly query: Asked }) {
  if (data === undefined || !error) return null;
  const { detail, signedOut } = asProblem(error);
  const since = new Date(dataUpdatedAt).toLocaleTimeString('en-IN', { timeZone: 'Asia/Kolkata', hour12: false });
  return (
    <p role="alert" className="mb-2 text-warn">
      {`As of ${since} IST: ${signedOut ? 'you are signed out.' : `it could not be asked again, ${detail}`}`}
    </p>
  );
}

interface PartProps {
  readonly rules: Rules;
  readonly alerts: Parameters<typeof RuleList>[0]['alerts'];
  readonly mayChange: boolean;
  readonly start: RuleDraft;
}

function RulePart({ rules: { rules, channels }, alerts, mayChange, start }: PartProps) {
  const [written, setWritten] = useState<Written | null>(null);
  useAddressed(mayChange, start, setWritten);
  const edit = (rule: ShownRule): void =>
    setWritten({ id: rule.id, title: `Edit ${rule.name}`, draft: draftOf(rule), priceScale: rule.priceScale });
  const duplicate = (rule: ShownRule): void => {
    const name = `${rule.name} (copy)`.slice(0, RULE_LIMITS.name);
    const draft = { ...draftOf(rule), name, isOn: false };
    setWritten({ id: null, title: 'New rule', draft, priceScale: rule.priceScale });
  };
  return (
    <>
      {written ? (
        <WrittenForm
          key={`${written.id} ${written.draft.name}`}
          written={written}
          channels={channels}
          onDone={() => setWritten(null)}
        />
      ) : mayChange ? (
        <Action
          main
          className="mb-4"
          onClick={() => setWritten({ id: null, title: 'New rule', draft: start, priceScale: null })}
        >
          New rule
        </Action>
      ) : null}
      {rules.length === 0 ? (
        <p className="py-4 text-muted">
          There is no rule. A rule says which signals, or which move of a price, you are told of at once, and where.
        </p>
      ) : (
        <RuleList rules={rules} alerts={alerts} mayChange={mayChange} onEdit={edit} onDuplicate={duplicate} />
      )}
    </>
  );
}

interface WrittenProps {
  readonly written: Written;
  readonly channels: Rules['channels'];
  onDone(): void;
}

function WrittenForm({ written: { id, title, draft, priceScale }, channels, onDone }: WrittenProps) {
  const { change, busy, problem } = useRuleChange(async (rule: RuleBody) => {
    await (id === null ? makeRule(rule) : changeRule(id, rule));
    onDone();
  });
  return (
    <AlertRuleForm
      title={title}
      start={draft}
      knownScale={priceScale}
      channels={channels}
      busy={busy}
      problem={problem}
      onSave={change}
      onCancel={onDone}
    />
  );
}

/** Opens the form that the address asks for, once what it needs is known. */
function useAddressed(mayChange: boolean, start: RuleDraft, onWrite: (written: Written) => void): void {
  const router = useRouter();
  const query = useSearchParams();
  const { data: subscribed, isError } = useSubscribed();
  const isAsked = query.has('new') && mayChange && (subscribed !== undefined || isError);
  useEffect(() => {
    if (!isAsked) return;
    const priceScale = subscribed?.find(({ slug }) => slug === query.get('instrument'))?.priceScale ?? null;
    const draft = draftFromAddress(new URLSearchParams(query), priceScale, start);
    if (draft) onWrite({ id: null, title: 'New rule', draft, priceScale });
    router.replace(PATH);
  });
}
