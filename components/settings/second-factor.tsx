'use client';

import { type FormEvent, useState } from 'react';
import { renderSVG } from 'uqr';
import { send } from '../../lib/client/api.ts';
import { asProblem } from '../../lib/client/problem.ts';
import { CopyButton } from '../shell/copy-button.tsx';
import { Fault, Field, SubmitButton } from '../shell/field.tsx';
import { Section, SmallButton } from './parts.tsx';
import { useGuarded } from './password-guard.tsx';

interface Props {
  readonly on: boolean;
  readonly recoveryCodesLeft: number;
  onChange(): Promise<void>;
}

interface Beginning {
  readonly secret: string;
  /** What the QR code says. */
  readonly address: string;
}

const ROUTE = '/api/account/second-factor';

/** Switches the second factor on, with a QR code and its first code, and off. */
export function SecondFactor({ on, recoveryCodesLeft, onChange }: Props) {
  const guarded = useGuarded();
  const [beginning, setBeginning] = useState<Beginning | null>(null);
  const [recoveryCodes, setRecoveryCodes] = useState<readonly string[] | null>(null);
  const [fault, setFault] = useState<string | null>(null);

  const run = async (work: () => Promise<void>): Promise<void> => {
    setFault(null);
    try {
      await guarded(work);
    } catch (error) {
      setFault(asProblem(error).detail);
    }
  };
  const begin = (): Promise<void> => run(async () => setBeginning(await send<Beginning>('POST', ROUTE)));
  const confirm = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const code = String(new FormData(event.currentTarget).get('code') ?? '');
    void run(async () => {
      setRecoveryCodes((await send<{ recoveryCodes: string[] }>('PUT', ROUTE, { code })).recoveryCodes);
      setBeginning(null);
      await onChange();
    });
  };
  const drop = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const code = String(new FormData(event.currentTarget).get('code') ?? '');
    void run(async () => {
      await send('DELETE', ROUTE, { code });
      setRecoveryCodes(null);
      await onChange();
    });
  };

  return (
    <Section title="Second factor">
      {recoveryCodes ? <RecoveryCodes codes={recoveryCodes} /> : null}
      {on ? (
        <>
          <p className="mb-3 text-muted">
            On: signing in takes a code of your authenticator app. {recoveryCodesLeft} recovery codes are left.
          </p>
          <form method="post" onSubmit={drop} className="flex max-w-sm flex-col gap-3">
            <Field
              label="Code, to switch it off"
              hint="Of your authenticator app, or a recovery code."
              name="code"
              autoComplete="one-time-code"
              required
              maxLength={40}
            />
            <div>
              <SubmitButton busy={false}>Switch off</SubmitButton>
            </div>
          </form>
        </>
      ) : beginning ? (
        <Confirm beginning={beginning} onSubmit={confirm} />
      ) : (
        <>
          <p className="mb-3 text-muted">Off. Once it is on, a stolen password alone lets nobody in.</p>
          <SmallButton onClick={() => void begin()}>Switch on</SmallButton>
        </>
      )}
      <div className="mt-3">
        <Fault>{fault}</Fault>
      </div>
    </Section>
  );
}

interface ConfirmProps {
  readonly beginning: Beginning;
  onSubmit(event: FormEvent<HTMLFormElement>): void;
}

function Confirm({ beginning, onSubmit }: ConfirmProps) {
  const picture = `data:image/svg+xml,${encodeURIComponent(renderSVG(beginning.address, { border: 2 }))}`;
  return (
    <form method="post" onSubmit={onSubmit} className="flex max-w-sm flex-col gap-3">
      <p>Scan this with an authenticator app, or type the secret into it, then enter the code that it shows.</p>
      {/* biome-ignore lint/performance/noImgElement: a picture made here, which no optimiser could get */}
      <img src={picture} alt="QR code of the secret below" className="size-48 self-start rounded bg-white" />
      <Field label="Secret" readOnly value={beginning.secret} />
      <Field label="Code" name="code" inputMode="numeric" autoComplete="one-time-code" required maxLength={10} />
      <div>
        <SubmitButton busy={false}>Switch on</SubmitButton>
      </div>
    </form>
  );
}

function RecoveryCodes({ codes }: { codes: readonly string[] }) {
  return (
    <div role="status" className="mb-3 rounded border border-warn/60 px-3 py-2">
      <p className="mb-2">
        Keep these recovery codes where your phone is not. Each stands in for it once; they are not shown again.
      </p>
      <ul className="grid max-w-xs grid-cols-2 gap-x-6 gap-y-1 font-mono">
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ul>
      <p className="mt-2 flex items-center gap-2">
        <CopyButton text={codes.join('\n')} label="Copy the recovery codes" />
      </p>
    </div>
  );
}
