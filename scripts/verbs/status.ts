/** `./gehra status`: the processes of a running instance. */
import { runs } from '../instance/process-id.ts';
import { readRunningState } from '../instance/state.ts';
import { table } from '../terminal/table.ts';
import { UserError } from '../user-error.ts';

export function status(dataDir: string): void {
  const state = readRunningState(dataDir);
  if (!state) throw new UserError(`No instance runs in ${dataDir}. Start one with: ./gehra up --data '${dataDir}'`);
  const now = Date.now();
  const rows = state.processes.map(({ name, id, startedMs, restarts }) => {
    const up = id && runs(id);
    return [
      name,
      up ? String(id.pid) : 'waiting to be started again',
      up ? duration(now - startedMs) : '',
      String(restarts),
    ];
  });
  process.stdout.write(
    `${state.appUrl ?? 'starting'}, up ${duration(now - state.startedMs)}, supervisor ${state.supervisor.pid}\n\n`,
  );
  process.stdout.write(table([['process', 'pid', 'up', 'restarts'], ...rows]));
}

/** Two largest units: `3 d 4 h`, `12 min 5 s`. */
function duration(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const parts = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [seconds % 60, 's'],
  ] as const;
  const first = parts.findIndex(([count]) => count > 0);
  return parts
    .slice(first === -1 ? -1 : first)
    .slice(0, 2)
    .map(([count, unit]) => `${count} ${unit}`)
    .join(' ');
}
