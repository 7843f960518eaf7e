import type { ReactNode } from 'react';
import { SiteHeader } from './site-header.tsx';

interface Props {
  readonly title: string;
  /** What the page is for, in a sentence. */
  readonly purpose: string;
  readonly children: ReactNode;
}

/** A page of text and forms: header, heading, a column. */
export function PageFrame({ title, purpose, children }: Props) {
  return (
    <>
      <SiteHeader />
      <main className="mx-auto w-full max-w-4xl px-4 py-6">
        <h1 className="text-lg font-semibold">{title}</h1>
        <p className="mt-1 max-w-prose text-muted">{purpose}</p>
        {children}
      </main>
    </>
  );
}
