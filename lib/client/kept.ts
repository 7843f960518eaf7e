/** JSON that this browser keeps for a person. Storage may be full or forbidden: a choice then holds until the page is left. */

/** What is kept under a key; undefined where nothing is, or nothing readable. */
export function readKept(key: string): unknown {
  try {
    const text = localStorage.getItem(key);
    return text === null ? undefined : JSON.parse(text);
  } catch (error) {
    console.warn('not_readable', key, error);
    return undefined;
  }
}

export function keep(key: string, value: unknown): void {
  try {
    localStorage.setItem(key, JSON.stringify(value));
  } catch (error) {
    console.warn('not_kept', key, error);
  }
}

/** Forgets every key that begins so. */
export function forgetAll(prefix: string): void {
  try {
    const keys = Array.from({ length: localStorage.length }, (_, i) => localStorage.key(i));
    for (const key of keys) if (key?.startsWith(prefix)) localStorage.removeItem(key);
  } catch (error) {
    console.warn('not_forgotten', prefix, error);
  }
}
