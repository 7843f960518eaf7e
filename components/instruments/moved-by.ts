/** A list whose item at `at` has moved by `step` places. */
export function movedBy<T>(items: readonly T[], at: number, step: number): T[] {
  const moved = [...items];
  const [item] = moved.splice(at, 1);
  if (item !== undefined) moved.splice(at + step, 0, item);
  return moved;
}
