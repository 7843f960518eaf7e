'use client';

import { LogOut } from 'lucide-react';
import { useMe } from './use-me.ts';
import { useSignOut } from './use-sign-out.ts';

/** Who is signed in, and the way out; of the demo, why nobody has to be. */
export function WhoAmI() {
  const me = useMe();
  const { fault, leave } = useSignOut();
  // Its place is kept, so that nothing moves when it is known.
  if (!me) return <div className="min-h-12" />;
  return (
    <div className="ml-auto flex min-h-12 min-w-0 items-center gap-2">
      {me.simulated ? (
        <span className="whitespace-nowrap rounded border border-warn/60 px-2 py-0.5 text-[11px] font-medium text-warn max-sm:px-1.5">
          Simulated<span className={me.via === 'demo' ? 'max-sm:sr-only' : 'max-md:sr-only'}> market</span>
          {me.via === 'demo' ? ' · open on this machine' : ''}
        </span>
      ) : null}
      {me.via === 'session' ? (
        <>
          <span className="min-w-0 truncate text-muted" title={`${me.name}, ${me.role}`}>
            {me.name}
            <span className="max-sm:sr-only"> · {me.role}</span>
          </span>
          <button
            type="button"
            onClick={leave}
            className="flex items-center gap-1.5 whitespace-nowrap rounded border border-line px-2 py-1 hover:bg-hover"
          >
            <LogOut aria-hidden="true" className="size-3.5" />
            <span className="max-sm:sr-only">Sign out</span>
          </button>
        </>
      ) : null}
      <span role="alert" className={fault ? 'text-fault' : 'sr-only'}>
        {fault}
      </span>
    </div>
  );
}
