/** Dhan's text messages from client to server (dhan.md 1), which are the only ones: nothing is ever acknowledged. */
import { DHAN_SEGMENT_CODES, type DhanSegment } from '../core/exchange.ts';
import { WireError } from './errors.ts';
import { badText, parseObject, readId } from './text.ts';

export const DHAN_REQUEST = {
  disconnect: 12,
  subscribeTicker: 15,
  unsubscribeTicker: 16,
  subscribeQuote: 17,
  unsubscribeQuote: 18,
  subscribeFull: 21,
  unsubscribeFull: 22,
  subscribeDepth: 23,
  unsubscribeDepth: 24,
  /** The portal edition's number for the same. */
  unsubscribeDepthPortal: 25,
} as const;

/** Instruments that one subscribe message may name. */
export const DHAN_INSTRUMENTS_PER_MESSAGE = { live: 100, depth20: 50 } as const;

export interface DhanInstrumentRef {
  readonly segment: DhanSegment;
  readonly securityId: number;
}

/** The form of the live feed, of 20-level depth, and of older documents for 200 levels. */
export function dhanListRequest(code: number, instruments: readonly DhanInstrumentRef[]): string {
  return JSON.stringify({
    RequestCode: code,
    InstrumentCount: instruments.length,
    InstrumentList: instruments.map(({ segment, securityId }) => ({
      ExchangeSegment: segment,
      SecurityId: String(securityId),
    })),
  });
}

/** The flat form of 200-level depth, in the current documents and the SDK. */
export const dhanFlatRequest = (code: number, { segment, securityId }: DhanInstrumentRef): string =>
  JSON.stringify({ RequestCode: code, ExchangeSegment: segment, SecurityId: String(securityId) });

export const dhanDisconnectRequest = (): string => JSON.stringify({ RequestCode: DHAN_REQUEST.disconnect });

export interface DhanRequest {
  readonly code: number;
  readonly instruments: readonly DhanInstrumentRef[];
  readonly form: 'list' | 'flat' | 'bare';
}

/** Reads a client's text message in either form; unknown keys are ignored. A WireError where it is none. */
export function parseDhanRequest(text: string): DhanRequest | WireError {
  const message = parseObject(text);
  if (message instanceof WireError) return message;
  const { RequestCode: code, InstrumentList: list } = message;
  if (typeof code !== 'number' || !Number.isInteger(code)) return badText('no RequestCode');
  if (Array.isArray(list)) {
    const instruments = list.map(readRef);
    if (instruments.includes(null)) return badText('an entry of InstrumentList is no instrument');
    return { code, instruments: instruments as DhanInstrumentRef[], form: 'list' };
  }
  if (message.SecurityId === undefined) return { code, instruments: [], form: 'bare' };
  const instrument = readRef(message);
  if (!instrument) return badText('ExchangeSegment or SecurityId cannot be read');
  return { code, instruments: [instrument], form: 'flat' };
}

function readRef(value: unknown): DhanInstrumentRef | null {
  if (typeof value !== 'object' || value === null) return null;
  const { ExchangeSegment: segment, SecurityId: id } = value as Record<string, unknown>;
  const securityId = readId(id);
  if (securityId === null || typeof segment !== 'string' || !Object.hasOwn(DHAN_SEGMENT_CODES, segment)) return null;
  return { segment: segment as DhanSegment, securityId };
}
