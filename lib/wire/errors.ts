/**
 * What was impossible in bytes from a broker. Decoders never throw: of a frame with a bad packet the good packets are
 * kept, and each bad one leaves a WireError in the batch, to be counted by `code` and logged with its numbers.
 */
export type WireErrorCode =
  /** The message ends before the header or length field of a packet. */
  | 'header_truncated'
  /** A packet's body goes beyond the end of the message. */
  | 'body_truncated'
  /** A length that no packet of this protocol has. */
  | 'unknown_length'
  /** A response code that this protocol does not list; skipped by its length. */
  | 'unknown_code'
  /** A length field that cannot be right, and from which no next packet can be found. */
  | 'bad_length'
  /** The row count and the body's size disagree; the smaller holds. */
  | 'row_count_mismatch'
  /** A price that is none (NaN, infinite, beyond int32; of a level also negative, 0 or between two price units); left out. */
  | 'bad_price'
  /** A packet for an instrument that this feed did not ask for. */
  | 'unknown_instrument'
  /** More packets in one message than any broker sends; the rest is dropped. */
  | 'too_many_packets'
  /** A text message that is not the JSON it should be. */
  | 'bad_text';

/**
 * A result, never thrown: an Error would note down the stack, which costs more than all the rest of a refused packet, and
 * garbage comes in floods.
 */
export class WireError {
  readonly message: string;

  constructor(
    readonly code: WireErrorCode,
    /** Index of the packet within its frame. */
    readonly packet: number,
    detail: string,
  ) {
    this.message = `packet ${packet}: ${detail}`;
  }
}

/**
 * A message to be put together if anybody wants it: saying`${length} bytes`. A closure written where the error is found
 * would capture the variables of the decoder's loop, which then costs every good packet an allocation.
 */
export const saying =
  (texts: TemplateStringsArray, ...numbers: readonly number[]) =>
  (): string =>
    String.raw({ raw: texts }, ...numbers);

/** Errors kept for one frame: a frame of garbage must not cost more than a frame of data. The rest is only counted. */
const ERRORS_KEPT = 16;

/** The rejects of one frame. */
export class WireErrors {
  readonly kept: WireError[] = [];
  count = 0;

  clear(): void {
    // Setting a length costs as much as reading ten levels, and is in vain in front of nearly every frame.
    if (this.count > 0) this.kept.length = 0;
    this.count = 0;
  }

  /** `detail` is called only for errors that are kept. */
  add(code: WireErrorCode, packet: number, detail: () => string): void {
    this.count += 1;
    if (this.kept.length < ERRORS_KEPT) this.kept.push(new WireError(code, packet, detail()));
  }
}
