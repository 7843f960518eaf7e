/**
 * What detectors remember, put back. Their state is numbers, typed arrays, maps and plain objects in their fields, which the saved
 * form has by the same names; what is an object with methods here stays one and takes over what was saved of it.
 */
export function restoreState<T extends object>(target: T, saved: object): T {
  return taken(target, saved) as T;
}

function taken(here: unknown, saved: unknown): unknown {
  if (ArrayBuffer.isView(saved)) {
    (here as Float64Array).set(saved as Float64Array);
    return here;
  }
  if (saved instanceof Map) {
    const map = here as Map<unknown, unknown>;
    map.clear();
    for (const [key, value] of saved) map.set(key, value);
    return map;
  }
  if (Array.isArray(saved)) {
    const kept = Array.isArray(here) && here.length === saved.length && here.length > 0 && here.every(hasMethods);
    if (!kept) return saved;
    saved.forEach((value, i) => {
      here[i] = taken(here[i], value);
    });
    return here;
  }
  if (typeof saved !== 'object' || saved === null || typeof here !== 'object' || here === null) return saved;
  const fields = here as Record<string, unknown>;
  for (const [name, value] of Object.entries(saved)) fields[name] = taken(fields[name], value);
  return here;
}

const hasMethods = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && value.constructor !== Object;
