/** Clocks. Everything that depends on time takes one of these, so that a test can turn it. */

const US_PER_MS = 1000;

let offsetUs = Date.now() * US_PER_MS - monotonicUs();

/**
 * Wall clock in µs since the epoch. Node's wall clock has milliseconds; the digits below come from the monotonic clock,
 * held to the millisecond that the wall clock says, so that a clock set by hand or by NTP is followed at once.
 */
export function wallClockUs(): number {
  const wall = Date.now() * US_PER_MS;
  const monotonic = monotonicUs();
  let us = monotonic + offsetUs;
  if (us < wall || us >= wall + US_PER_MS) {
    us = Math.min(Math.max(us, wall), wall + US_PER_MS - 1);
    offsetUs = us - monotonic;
  }
  return us;
}

/** Time that only moves forward, ms with a fraction: for durations and ages. */
export const monotonicMs = (): number => performance.now();

function monotonicUs(): number {
  return Math.floor(performance.now() * US_PER_MS);
}
