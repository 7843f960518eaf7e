import clsx from 'clsx';
import { CircleCheck, CirclePause, CircleX, Clock } from 'lucide-react';
import type { Incident, StageState } from '../../lib/core/health.ts';

const LOOKS = {
  ok: { Icon: CircleCheck, colour: 'text-up', words: 'Working' },
  late: { Icon: Clock, colour: 'text-warn', words: 'Late' },
  down: { Icon: CircleX, colour: 'text-fault', words: 'Not working' },
  off: { Icon: CirclePause, colour: 'text-muted', words: 'Off' },
  over: { Icon: CircleCheck, colour: 'text-muted', words: 'Over' },
} as const;

/** A shape, a colour and a word for a state; `brief`: the word for readers of the screen alone. */
export function StateMark({ state, brief = false }: { state: StageState | Incident['state']; brief?: boolean }) {
  const { Icon, colour, words } = LOOKS[state];
  return (
    <span className={clsx('inline-flex shrink-0 items-center gap-1.5 font-medium whitespace-nowrap', colour)}>
      <Icon aria-hidden="true" className="size-4 shrink-0" />
      <span className={brief ? 'sr-only' : undefined}>{words}</span>
    </span>
  );
}
