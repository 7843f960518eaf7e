'use client';

import { useState } from 'react';
import { bodyOfRule } from '../../lib/client/rule-draft.ts';
import { type Alert, CHANNEL_NAMES, changeRule, deleteRule, type ShownRule, testRule } from '../../lib/client/rules.ts';
import { Failure, SmallButton } from '../instruments/form-parts.tsx';
import { Dialog } from '../shell/dialog.tsx';
import { Action } from '../shell/form-parts.tsx';
import { RulePreview } from './rule-preview.tsx';
import { cooldownWords, deliveryColour, deliveryWords, watchWords } from './rule-words.ts';
import { Switch } from './switch.tsx';
import { firedOf, type Told } from './told.ts';
import { useRuleChange } from './use-rules.ts';

interface Props {
  readonly rules: readonly ShownRule[];
  /** The newest first; undefined while they are not known. */
  readonly alerts: readonly Alert[] | undefined;
  /** The caller may change them. */
  readonly mayChange: boolean;
  onEdit(rule: ShownRule): void;
  onDuplicate(rule: ShownRule): void;
}

/** Every rule, with its switch, what it has told lately, and what can be done with it. */
export function RuleList({ rules, alerts, mayChange, onEdit, onDuplicate }: Props) {
  return (
    <ul aria-label="Rules" className="divide-y divide-line rounded border border-line">
      {rules.map((rule) => (
        <RuleItem
          key={rule.id}
          rule={rule}
          told={alerts ? firedOf(alerts, rule.id, Date.now()) : null}
          mayChange={mayChange}
          onEdit={() => onEdit(rule)}
          onDuplicate={() => onDuplicate(rule)}
        />
      ))}
    </ul>
  );
}

interface ItemProps {
  readonly rule: ShownRule;
  readonly told: Told | null;
  readonly mayChange: boolean;
  onEdit(): void;
  onDuplicate(): void;
}

function RuleItem({ rule, told, mayChange, onEdit, onDuplicate }: ItemProps) {
  const [asking, setAsking] = useState<'on' | 'delete' | null>(null);
  const close = (): void => setAsking(null);
  const { change, busy, problem } = useRuleChange(async (act: () => Promise<unknown>) => {
    await act();
    close();
  });
  const turn = (isOn: boolean): void => change(() => changeRule(rule.id, { ...bodyOfRule(rule), isOn }));
  return (
    <li className="px-3 py-2.5">
      <div className="flex flex-wrap items-start gap-x-3 gap-y-1">
        <Switch
          on={rule.isOn}
          label={`Rule ${rule.name}`}
          disabled={!mayChange || busy}
          onChange={(on) => (on ? setAsking('on') : turn(false))}
        />
        <div className="min-w-0 grow basis-64">
          <h3 className="font-medium break-words">{rule.name}</h3>
          <p className="break-words">{watchWords(rule)}</p>
          <p className="break-words text-muted">
            {[
              rule.instruments === null ? 'all instruments' : rule.instruments.join(', '),
              `${rule.hours.from} to ${rule.hours.to} IST`,
              cooldownWords(rule),
              rule.channels.map((channel) => CHANNEL_NAMES[channel].toLowerCase()).join(', '),
            ].join(' · ')}
          </p>
        </div>
        <p className="text-muted sm:text-right">{told ? told.words : ''}</p>
      </div>
      {mayChange ? (
        <div className="mt-2 flex flex-wrap gap-1.5">
          <SmallButton disabled={busy} onClick={() => change(() => testRule(rule.id))}>
            Send a test
          </SmallButton>
          <SmallButton disabled={busy} onClick={onEdit}>
            Edit
          </SmallButton>
          <SmallButton disabled={busy} onClick={onDuplicate}>
            Duplicate
          </SmallButton>
          <SmallButton disabled={busy} onClick={() => setAsking('delete')}>
            Delete
          </SmallButton>
        </div>
      ) : null}
      {told?.test ? (
        <ul aria-label={`Test of ${rule.name}`} role="status" className="mt-1.5">
          {told.test.deliveries.map((delivery) => (
            <li key={delivery.channel} className={deliveryColour(delivery)}>{`Test, ${deliveryWords(delivery)}`}</li>
          ))}
        </ul>
      ) : null}
      {asking === null ? <Failure detail={problem?.detail ?? null} /> : null}
      <Dialog open={asking === 'on'} title={`Switch on ${rule.name}?`} onClose={close}>
        <RulePreview rule={bodyOfRule(rule)} />
        <Confirm label="Switch on" busy={busy} fault={problem?.detail ?? null} onYes={() => turn(true)} onNo={close} />
      </Dialog>
      <Dialog open={asking === 'delete'} title={`Delete ${rule.name}?`} onClose={close}>
        <p>What it has told stays in the list of alerts. The rule cannot be brought back.</p>
        <Confirm
          label="Delete"
          busy={busy}
          fault={problem?.detail ?? null}
          onYes={() => change(() => deleteRule(rule.id))}
          onNo={close}
        />
      </Dialog>
    </li>
  );
}

interface ConfirmProps {
  readonly label: string;
  readonly busy: boolean;
  readonly fault: string | null;
  onYes(): void;
  onNo(): void;
}

function Confirm({ label, busy, fault, onYes, onNo }: ConfirmProps) {
  return (
    <div className="mt-4 flex flex-col gap-2">
      <Failure detail={fault} />
      <div className="flex gap-2">
        <Action main disabled={busy} onClick={onYes}>
          {label}
        </Action>
        <Action disabled={busy} onClick={onNo}>
          Cancel
        </Action>
      </div>
    </div>
  );
}
