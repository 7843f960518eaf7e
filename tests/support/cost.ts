/**
 * How many times as long one piece of work takes as another: a ratio in one run, since absolute times are the machine's.
 * The shortest of several runs each, in turn, is what the work itself costs while other things go on; the first runs, in
 * which the code is compiled, are never the shortest.
 */
export function costRatio(work: () => void, other: () => void, runs = 40): number {
  let [shortest, otherShortest] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (let run = 0; run < runs; run += 1) {
    shortest = Math.min(shortest, msOf(work));
    otherShortest = Math.min(otherShortest, msOf(other));
  }
  return shortest / otherShortest;
}

function msOf(work: () => void): number {
  const from = performance.now();
  work();
  return performance.now() - from;
}
