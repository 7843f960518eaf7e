/** In the place of what a viewer may not see. */
export function OwnersOnly({ what }: { what: string }) {
  return <p className="text-muted">You are a viewer: owners alone see and change {what}. Ask one of them.</p>;
}
