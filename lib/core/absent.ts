/**
 * The one sentinel for "the feed did not say" in numeric fields. 0 is a real value in many of them (a price change, a
 * delta, an imbalance), so it may never stand for "absent". Becomes NULL in the database and null in JSON.
 */
export const ABSENT = Number.MIN_SAFE_INTEGER;

export const isPresent = (value: number): boolean => value !== ABSENT;
