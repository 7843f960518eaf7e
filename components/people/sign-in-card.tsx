import type { ReactNode } from 'react';
import { Brand } from '../shell/brand.tsx';

/** The frame of the pages that are seen before signing in. */
export function SignInCard({ title, children }: { title: string; children: ReactNode }) {
  return (
    <main className="mx-auto flex min-h-dvh w-full max-w-sm flex-col justify-center gap-6 px-4 py-10">
      <Brand />
      <div className="rounded-lg border border-line bg-panel p-5">
        <h1 className="mb-4 text-[15px] font-semibold">{title}</h1>
        {children}
      </div>
    </main>
  );
}
