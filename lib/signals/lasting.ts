/** A state that has to last before it is believed, and to be over before it is over: begun and ended are told under one name. */
export class Lasting {
  private sinceUs = 0;
  /** Whether it has begun. */
  standing = false;
  /** When it was told that it had. */
  begunUs = 0;

  /** @returns what is to be told now */
  note(holds: boolean, over: boolean, stampUs: number, holdUs: number): 'begun' | 'ended' | null {
    if (this.standing) {
      if (!over) return null;
      this.standing = false;
      this.sinceUs = 0;
      return 'ended';
    }
    if (!holds) {
      this.sinceUs = 0;
      return null;
    }
    if (this.sinceUs === 0) this.sinceUs = stampUs;
    if (stampUs - this.sinceUs < holdUs) return null;
    this.standing = true;
    this.begunUs = stampUs;
    return 'begun';
  }

  reset(): void {
    this.sinceUs = 0;
    this.standing = false;
  }
}
