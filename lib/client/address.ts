/**
 * Takes parameters out of the page's address that were for showing something once, without another request and without
 * another step of the history. To be called when the page stands: Next.js, which listens to this, needs a moment for that.
 */
export function dropParameters(names: readonly string[]): void {
  const address = new URL(location.href);
  const there = names.filter((name) => address.searchParams.has(name));
  if (there.length === 0) return;
  for (const name of there) address.searchParams.delete(name);
  history.replaceState(null, '', address);
}
