const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

/** `7 kB`, `1.3 GB` */
export function bytesWords(bytes: number): string {
  const power = Math.min(UNITS.length - 1, Math.floor(Math.log10(Math.max(bytes, 1)) / 3));
  return `${(bytes / 1000 ** power).toFixed(power > 2 ? 1 : 0)} ${UNITS[power]}`;
}
