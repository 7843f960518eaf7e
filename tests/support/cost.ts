/**
 * Shortest of several runs, ms: what the work itself costs, on a machine that does other things at the same time. The
 * first runs, in which the code is compiled, are never the shortest.
 */
export function shortestMs(work: () => void, runs = 20): number {
  let shortest = Number.POSITIVE_INFINITY;
  for (let run = 0; run < runs; run += 1) {
    const from = performance.now();
    work();
    shortest = Math.min(shortest, performance.now() - from);
  }
  return shortest;
}
