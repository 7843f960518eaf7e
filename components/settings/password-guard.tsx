'use client';

import { createContext, type FormEvent, type ReactNode, useCallback, useContext, useRef, useState } from 'react';
import { send } from '../../lib/client/api.ts';
import { asProblem } from '../../lib/client/problem.ts';
import { Dialog } from '../shell/dialog.tsx';
import { Fault, Field, SubmitButton } from '../shell/field.tsx';

/** Title of the problem that entering the password solves. */
const PASSWORD_NEEDED = 'Password needed';

type Guarded = <T>(work: () => Promise<T>) => Promise<T>;

const GuardContext = createContext<Guarded>((work) => work());

/** Gives what runs a request; where the server wants the password again, it is asked for and the request made anew. */
export const useGuarded = (): Guarded => useContext(GuardContext);

/** Asks for the password where the server wants it. */
export function PasswordGuard({ children }: { children: ReactNode }) {
  const [open, setOpen] = useState(false);
  const [fault, setFault] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const settle = useRef<((entered: boolean) => void) | null>(null);

  const guarded = useCallback<Guarded>(async (work) => {
    try {
      return await work();
    } catch (error) {
      if (asProblem(error).title !== PASSWORD_NEEDED) throw error;
      setFault(null);
      setOpen(true);
      const entered = await new Promise<boolean>((resolve) => {
        settle.current = resolve;
      });
      if (!entered) throw error;
      return work();
    }
  }, []);
  const close = (entered: boolean): void => {
    setOpen(false);
    settle.current?.(entered);
    settle.current = null;
  };
  const submit = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const password = String(new FormData(event.currentTarget).get('password') ?? '');
    setBusy(true);
    setFault(null);
    try {
      await send('POST', '/api/account/confirm', { password });
      close(true);
    } catch (error) {
      setFault(asProblem(error).detail);
    } finally {
      setBusy(false);
    }
  };

  return (
    <GuardContext value={guarded}>
      {children}
      <Dialog open={open} title="Enter your password again" onClose={() => close(false)}>
        <form method="post" onSubmit={(event) => void submit(event)} className="flex flex-col gap-3">
          <p className="text-muted">
            This decides who may come in, and your last sign-in was more than 15 minutes ago.
          </p>
          <Field label="Password" name="password" type="password" autoComplete="current-password" autoFocus required />
          <Fault>{fault}</Fault>
          <div>
            <SubmitButton busy={busy}>Go on</SubmitButton>
          </div>
        </form>
      </Dialog>
    </GuardContext>
  );
}
