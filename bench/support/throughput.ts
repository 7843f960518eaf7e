/** How much goes through a queue, by the clock and by the CPU. */
import type { Metrics } from './bench.ts';

/**
 * Units a second and a CPU second.
 *
 * @param unit what they are called: `ticks`
 * @param cpu CPU seconds so far of all that takes part: who sends, who receives, and the server between
 * @param work sends all `units`, and resolves once they have all arrived
 */
export async function throughput(
  unit: string,
  units: number,
  cpu: () => number,
  work: () => Promise<void>,
): Promise<Metrics> {
  const cpuFrom = cpu();
  const from = performance.now();
  await work();
  const seconds = (performance.now() - from) / 1000;
  return { [`${unit}/cpu-s`]: units / (cpu() - cpuFrom), [`${unit}/s`]: units / seconds };
}
