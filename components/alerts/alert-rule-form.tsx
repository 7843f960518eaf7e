'use client';

import Link from 'next/link';
import { type ReactNode, useEffect, useId, useRef, useState } from 'react';
import type { ServerProblem } from '../../lib/client/problem.ts';
import {
  bodyOf,
  COOLDOWN_MINUTES_MAX,
  type DraftFaults,
  draftFaults,
  faultsOf,
  RULE_LIMITS,
  type RuleDraft,
} from '../../lib/client/rule-draft.ts';
import { CHANNEL_NAMES, type RuleBody, type Rules } from '../../lib/client/rules.ts';
import { METRIC_NAMES, METRICS, type Metric } from '../../lib/signals/rules.ts';
import { SIGNAL_KIND_NAMES, SIGNAL_KINDS } from '../../lib/signals/signal.ts';
import { fieldClass } from '../instruments/form-parts.tsx';
import { useSubscribed } from '../panes/use-latest.ts';
import { Action, Outcome } from '../shell/form-parts.tsx';
import { kindTitle, SEVERITY_WORDS } from '../signals/signal-words.ts';
import { InstrumentSet } from './instrument-set.tsx';
import { RulePreview } from './rule-preview.tsx';

const CONTROL = `${fieldClass} w-full aria-invalid:border-fault`;

interface Props {
  readonly title: string;
  readonly start: RuleDraft;
  /** Of the instrument of a rule that is stored, which may be recorded no more; null: not known. */
  readonly knownScale: number | null;
  readonly channels: Rules['channels'];
  readonly busy: boolean;
  /** What the server said to the last attempt to save it. */
  readonly problem: ServerProblem | null;
  onSave(rule: RuleBody): void;
  onCancel(): void;
}

/** Writes a rule. It can be switched on here once it was previewed as it stands. */
export function AlertRuleForm({ title, start, knownScale, channels, busy, problem, onSave, onCancel }: Props) {
  const form = useRef<HTMLFormElement>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  const [draft, setDraft] = useState(start);
  const [faults, setFaults] = useState<DraftFaults>({});
  const [previewed, setPreviewed] = useState<RuleBody | null>(null);
  const { data: subscribed } = useSubscribed();
  const scale = subscribed?.find(({ slug }) => slug === draft.instruments[0])?.priceScale ?? null;
  const priceScale = scale ?? (draft.instruments[0] === start.instruments[0] ? knownScale : null);
  const shown: DraftFaults = { ...(problem ? draftFaults(problem.faults) : {}), ...faults };

  useEffect(() => {
    heading.current?.focus();
    heading.current?.scrollIntoView({ block: 'start' });
  }, []);
  useEffect(() => {
    if (Object.keys(faults).length > 0 || problem)
      form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [faults, problem]);

  const change = (part: Partial<RuleDraft>): void => {
    setDraft({ ...draft, ...part });
    setFaults(Object.fromEntries(Object.entries(faults).filter(([field]) => !(field in part))));
    setPreviewed(null);
  };
  /** What is written, or null where something is wrong with it, which is then shown. */
  const checked = (): RuleBody | null => {
    const found = faultsOf(draft, priceScale);
    setFaults(found);
    return Object.keys(found).length === 0 ? bodyOf(draft, priceScale) : null;
  };
  const save = (isOn: boolean): void => {
    const rule = checked();
    if (rule) onSave({ ...rule, isOn });
  };
  const field = (name: keyof RuleDraft, label: string, control: (props: FieldProps) => ReactNode, hint?: string) => (
    <Labelled label={label} fault={shown[name]} hint={hint}>
      {control}
    </Labelled>
  );
  const isSignals = draft.by === 'signals';

  return (
    <section aria-label={title} className="mb-6 rounded-lg border border-edge bg-panel px-4 py-4">
      <h2 ref={heading} tabIndex={-1} className="mb-3 font-semibold outline-none">
        {title}
      </h2>
      <form
        ref={form}
        noValidate
        method="post"
        onSubmit={(event) => {
          event.preventDefault();
          save(draft.isOn);
        }}
        className="grid gap-x-4 gap-y-4 sm:grid-cols-2"
      >
        <div className="sm:col-span-2">
          {field('name', 'Name', (props) => (
            <input
              {...props}
              maxLength={RULE_LIMITS.name}
              value={draft.name}
              onChange={({ target }) => change({ name: target.value })}
              className={CONTROL}
            />
          ))}
        </div>
        {field('by', 'Watches', (props) => (
          <select
            {...props}
            value={draft.by}
            onChange={({ target }) =>
              change(
                target.value === 'metric'
                  ? { by: 'metric', isOfAll: false, instruments: draft.instruments.slice(0, 1) }
                  : { by: 'signals', isOfAll: draft.instruments.length === 0 },
              )
            }
            className={CONTROL}
          >
            <option value="signals">Signals of detectors</option>
            <option value="metric">A number of one instrument</option>
          </select>
        ))}
        {isSignals ? <SignalFields draft={draft} change={change} field={field} /> : null}
        {isSignals ? null : <MetricFields draft={draft} change={change} field={field} />}
        <fieldset
          aria-describedby={shown.instruments ? 'rule-instruments-fault' : undefined}
          className="min-w-0 sm:col-span-2"
        >
          <legend className="mb-1 font-medium">{isSignals ? 'Instruments' : 'Instrument'}</legend>
          {isSignals ? (
            <label className="mb-2 flex items-center gap-2">
              <input
                type="checkbox"
                checked={draft.isOfAll}
                onChange={({ target }) => change({ isOfAll: target.checked, instruments: draft.instruments })}
              />
              All that are recorded
            </label>
          ) : null}
          {isSignals && draft.isOfAll ? null : (
            <InstrumentSet
              chosen={draft.instruments}
              single={!isSignals}
              onChange={(instruments) => change({ instruments })}
            />
          )}
          <FaultLine id="rule-instruments-fault" fault={shown.instruments} />
        </fieldset>
        {(['from', 'to'] as const).map((end) => (
          <div key={end}>
            {field(end, end === 'from' ? 'From, IST' : 'To (not included), IST', (props) => (
              <input
                {...props}
                type="time"
                value={draft[end]}
                onChange={({ target }) => change({ [end]: target.value })}
                className={CONTROL}
              />
            ))}
          </div>
        ))}
        {field(
          'cooldownMinutes',
          'Cooldown, minutes',
          (props) => (
            <input
              {...props}
              type="number"
              min={0}
              max={COOLDOWN_MINUTES_MAX}
              step="any"
              value={draft.cooldownMinutes}
              onChange={({ target }) => change({ cooldownMinutes: target.value })}
              className={CONTROL}
            />
          ),
          'After it has told something it is silent for so long.',
        )}
        {field('cooldownOf', 'Kept for', (props) => (
          <select
            {...props}
            value={draft.cooldownOf}
            onChange={({ target }) => change({ cooldownOf: target.value as RuleDraft['cooldownOf'] })}
            className={CONTROL}
          >
            <option value="instrument">each instrument</option>
            <option value="rule">the whole rule</option>
            <option value="price">each kind at each price</option>
          </select>
        ))}
        <fieldset
          aria-describedby={shown.channels ? 'rule-channels-fault' : undefined}
          className="min-w-0 sm:col-span-2"
        >
          <legend className="mb-1 font-medium">Tells it</legend>
          <div className="flex flex-wrap gap-x-5 gap-y-1">
            {channels.map(({ channel, isSetUp }) => {
              const isChosen = draft.channels.includes(channel);
              return (
                <label key={channel} className="flex min-h-6 items-center gap-2">
                  <input
                    type="checkbox"
                    checked={isChosen}
                    disabled={!isSetUp && !isChosen}
                    onChange={() =>
                      change({
                        channels: isChosen
                          ? draft.channels.filter((each) => each !== channel)
                          : [...draft.channels, channel],
                      })
                    }
                  />
                  {CHANNEL_NAMES[channel]}
                  {isSetUp ? null : (
                    <span className="text-muted">
                      (not set up:{' '}
                      <Link href="/settings/notifications" prefetch={false} className="underline">
                        settings
                      </Link>
                      )
                    </span>
                  )}
                </label>
              );
            })}
          </div>
          <FaultLine id="rule-channels-fault" fault={shown.channels} />
        </fieldset>
        {previewed ? (
          <div className="rounded border border-line px-3 py-2 sm:col-span-2">
            <RulePreview rule={previewed} />
          </div>
        ) : null}
        <div className="flex flex-wrap items-center gap-2 sm:col-span-2">
          <Action main={previewed === null} disabled={busy} onClick={() => setPreviewed(checked())}>
            Preview
          </Action>
          {draft.isOn ? null : (
            <Action main={previewed !== null} disabled={busy || previewed === null} onClick={() => save(true)}>
              Save and switch on
            </Action>
          )}
          <Action type="submit" disabled={busy}>
            {draft.isOn ? 'Save' : 'Save, off'}
          </Action>
          <Action disabled={busy} onClick={onCancel}>
            Cancel
          </Action>
          {draft.isOn || previewed ? null : <span className="text-muted">Preview it before it is switched on.</span>}
        </div>
      </form>
      <Outcome fault={problem ? problem.detail : null} done={null} />
    </section>
  );
}

interface FieldProps {
  readonly id: string;
  readonly 'aria-describedby': string | undefined;
  readonly 'aria-invalid': true | undefined;
}

type FieldMaker = (
  name: keyof RuleDraft,
  label: string,
  control: (props: FieldProps) => ReactNode,
  hint?: string,
) => ReactNode;

interface FieldsProps {
  readonly draft: RuleDraft;
  readonly field: FieldMaker;
  change(part: Partial<RuleDraft>): void;
}

function SignalFields({ draft, change, field }: FieldsProps) {
  return (
    <>
      {field('detectors', 'Found by', (props) => (
        <select
          {...props}
          value={draft.detectors}
          onChange={({ target }) => change({ detectors: target.value as RuleDraft['detectors'] })}
          className={CONTROL}
        >
          <option value="all">All detectors</option>
          <option value="own">Gehra’s detectors</option>
          <option value="predecessor">The predecessor’s detectors</option>
        </select>
      ))}
      <fieldset className="min-w-0 sm:col-span-2">
        <legend className="mb-1 font-medium">Kinds (none chosen: all)</legend>
        <div className="grid gap-x-4 sm:grid-cols-3">
          {SIGNAL_KIND_NAMES.map((kind) => (
            <label key={kind} title={SIGNAL_KINDS[kind]} className="flex min-h-6 items-center gap-2">
              <input
                type="checkbox"
                checked={draft.kinds.includes(kind)}
                onChange={({ target }) =>
                  change({
                    kinds: target.checked ? [...draft.kinds, kind] : draft.kinds.filter((each) => each !== kind),
                  })
                }
              />
              {kindTitle(kind)}
            </label>
          ))}
        </div>
      </fieldset>
      {field('side', 'Side', (props) => (
        <select
          {...props}
          value={draft.side}
          onChange={({ target }) => change({ side: target.value as RuleDraft['side'] })}
          className={CONTROL}
        >
          <option value="">Both sides</option>
          <option value="bid">Bid</option>
          <option value="ask">Ask</option>
        </select>
      ))}
      {field('minSeverity', 'Severity from', (props) => (
        <select
          {...props}
          value={draft.minSeverity}
          onChange={({ target }) => change({ minSeverity: target.value })}
          className={CONTROL}
        >
          {[1, 2, 3].map((each) => (
            <option key={each} value={each}>
              {SEVERITY_WORDS[each]}
            </option>
          ))}
        </select>
      ))}
      {field(
        'minSize',
        'Size from, units',
        (props) => (
          <input
            {...props}
            inputMode="numeric"
            value={draft.minSize}
            onChange={({ target }) => change({ minSize: target.value })}
            className={CONTROL}
          />
        ),
        '0: of any size, or of none.',
      )}
    </>
  );
}

function MetricFields({ draft, change, field }: FieldsProps) {
  return (
    <>
      {field('metric', 'Number', (props) => (
        <select
          {...props}
          value={draft.metric}
          onChange={({ target }) => change({ metric: target.value as Metric })}
          className={CONTROL}
        >
          {METRIC_NAMES.map((name) => (
            <option key={name} value={name}>
              {METRICS[name]}
            </option>
          ))}
        </select>
      ))}
      {field('direction', 'Comes', (props) => (
        <select
          {...props}
          value={draft.direction}
          onChange={({ target }) => change({ direction: target.value === 'below' ? 'below' : 'above' })}
          className={CONTROL}
        >
          <option value="above">above, from below</option>
          <option value="below">below, from above</option>
        </select>
      ))}
      {field(
        'level',
        draft.metric === 'imbalance' ? 'Level, −1 to 1' : 'Level, ₹',
        (props) => (
          <input
            {...props}
            inputMode="decimal"
            value={draft.level}
            onChange={({ target }) => change({ level: target.value })}
            className={CONTROL}
          />
        ),
        'It is told once each time the number crosses it.',
      )}
    </>
  );
}

interface LabelledProps {
  readonly label: string;
  readonly fault: string | undefined;
  readonly hint: string | undefined;
  children(props: FieldProps): ReactNode;
}

/** A field under its label, with what is wrong with it below. */
function Labelled({ label, fault, hint, children }: LabelledProps) {
  const id = useId();
  const note = `${id}-note`;
  return (
    <div className="min-w-0">
      <label htmlFor={id} className="mb-1 block font-medium">
        {label}
      </label>
      {children({
        id,
        'aria-describedby': (fault ?? hint) ? note : undefined,
        'aria-invalid': fault ? true : undefined,
      })}
      {fault ? <FaultLine id={note} fault={fault} /> : null}
      {hint && !fault ? (
        <p id={note} className="mt-1 text-muted">
          {hint}
        </p>
      ) : null}
    </div>
  );
}

const FaultLine = ({ id, fault }: { readonly id: string; readonly fault: string | undefined }) =>
  fault ? (
    <p id={id} className="mt-1 text-fault">
      {fault}
    </p>
  ) : null;
