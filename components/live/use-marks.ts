'use client';

import { useEffect, useState } from 'react';
import { keepMarks, readKeptMarks } from '../../lib/client/kept-marks.ts';
import type { SessionHost } from '../../lib/client/session-host.ts';
import type { Mark } from '../../lib/heatmap/marks.ts';

export interface Marks {
  readonly list: readonly Mark[];
  add(mark: Mark): void;
  remove(id: string): void;
}

/** Levels and notes of an instrument: kept in this browser, drawn by the session. */
export function useMarks(slug: string, session: SessionHost | null): Marks {
  const [list, setList] = useState<readonly Mark[]>([]);
  useEffect(() => setList(readKeptMarks(slug)), [slug]);
  useEffect(() => session?.post({ type: 'marks', marks: list }), [session, list]);
  const change = (next: readonly Mark[]): void => {
    keepMarks(slug, next);
    setList(next);
  };
  return {
    list,
    add: (mark) => change([...list, mark]),
    remove: (id) => change(list.filter((mark) => mark.id !== id)),
  };
}
