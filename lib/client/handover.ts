/**
 * Two connections that carry the same messages, one of which is to take the other's place: finds where in the old one's the new
 * one's begin, so that who has heard the old one can go on with the new one, with nothing left out and nothing twice.
 *
 * The server encodes each message once for all browsers and sends it to all of them in one order, so equal bytes are the same
 * message: depth messages have a number and times in them, ticks their stamp.
 */
export class Handover {
  /** What the old one has delivered since the new one was asked for. */
  private readonly old: Uint8Array[] = [];
  /** What the new one has delivered since its snapshot. */
  private fresh: Uint8Array[] = [];

  addOld(message: Uint8Array): void {
    this.old.push(message);
  }

  /** The new one begins again. */
  forgetFresh(): void {
    this.fresh = [];
  }

  addFresh(message: Uint8Array): void {
    this.fresh.push(message);
  }

  /** True while the new one has delivered nothing that could be found. */
  get silent(): boolean {
    return this.fresh.length === 0;
  }

  /**
   * What the new one has delivered beyond the old one. Null while there is no seam: the old one is behind the new one's first
   * message, or the new one behind the old one's last, or one of them has left something out.
   */
  remainder(): readonly Uint8Array[] | null {
    const { old, fresh } = this;
    const [first] = fresh;
    if (!first) return null;
    const at = old.findIndex((message) => equal(message, first));
    const common = old.length - at;
    if (at < 0 || common > fresh.length) return null;
    for (let i = 1; i < common; i++) if (!equal(old[at + i] as Uint8Array, fresh[i] as Uint8Array)) return null;
    return fresh.slice(common);
  }
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
