/** What the predecessor's keys in Redis say, on its way there. */

/** Fields of an instrument by their names there; all are text. */
export type InstrumentCopy = Readonly<Record<string, string>> & { readonly token: string };

/** What its detectors said of a security at one time; prices in rupees. */
export interface SignalState {
  readonly underlying: string;
  readonly securityId: number;
  readonly timeMs: number;
  readonly currentPrice: number;
  readonly keyLevels: unknown;
  readonly absorptions: unknown;
  readonly pressure: { readonly '30s': number | null; readonly '60s': number | null; readonly '120s': number | null };
  readonly marketState: string;
}
