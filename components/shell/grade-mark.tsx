import clsx from 'clsx';
import { CircleCheck, CircleX, TriangleAlert } from 'lucide-react';
import type { Grade } from '../../lib/core/finding.ts';

const LOOKS = {
  ok: { Icon: CircleCheck, colour: 'text-up', words: 'Passed' },
  warn: { Icon: TriangleAlert, colour: 'text-warn', words: 'Warning' },
  fail: { Icon: CircleX, colour: 'text-fault', words: 'Failed' },
} as const;

/** A shape, a colour and a word for how something went. */
export function GradeMark({ grade }: { grade: Grade }) {
  const { Icon, colour, words } = LOOKS[grade];
  return (
    <span className={clsx('inline-flex items-center gap-1.5 font-medium whitespace-nowrap', colour)}>
      <Icon aria-hidden="true" className="size-4 shrink-0" />
      {words}
    </span>
  );
}
