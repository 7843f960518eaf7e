'use client';

import { useQuery } from '@tanstack/react-query';
import { X } from 'lucide-react';
import Link from 'next/link';
import { useState } from 'react';
import { fetchNotices, putAside, readSeen } from '../../lib/client/notices.ts';
import { GradeMark } from '../shell/grade-mark.tsx';

const LOOK_MS = 20_000;

/** What has to be known and was not put aside yet, under the header of every page. */
export function NoticeBar() {
  const [aside, setAside] = useState(() => (typeof window === 'undefined' ? 0 : readSeen()));
  const { data } = useQuery({ queryKey: ['notices'], queryFn: fetchNotices, refetchInterval: LOOK_MS, retry: false });
  const notices = (data ?? []).filter(({ id, level }) => id > aside && level !== 'ok');
  const newest = notices.at(-1);
  if (!newest) return null;
  const others = notices.length - 1;
  return (
    <section aria-label="Notice" className="flex items-start gap-3 border-b border-line bg-raised px-4 py-2">
      <GradeMark grade={newest.level} />
      <p className="min-w-0 grow break-words">
        <span className="font-medium">{/[.?!]$/.test(newest.title) ? newest.title : `${newest.title}.`}</span>{' '}
        <span className="text-muted">{newest.detail}</span>{' '}
        {newest.link ? (
          <Link href={newest.link} prefetch={false} className="underline">
            Put it right
          </Link>
        ) : null}
        {others > 0 ? <span className="text-muted">{` (${others} more before it)`}</span> : null}
      </p>
      <button
        type="button"
        aria-label="Put aside"
        onClick={() => {
          putAside(newest.id);
          setAside(newest.id);
        }}
        className="rounded p-1 text-muted hover:bg-hover"
      >
        <X aria-hidden="true" className="size-4" />
      </button>
    </section>
  );
}
