/** In the place of what a viewer may not see. */
export function OwnersOnly({ what }: { what: string }) {
  return <p className="text-muted">You are a viewer: owners alone see and change {what}. Ask one of them.</p>;
}

/** Beside controls that a viewer sees and cannot use. @param toDo such as `run one now` */
export function OwnersAct({ toDo }: { toDo: string }) {
  return <p className="text-muted">You are a viewer: to {toDo} takes the role owner.</p>;
}
