/**
 * The market data API for our pages: what may be asked and what is answered have the types of the schemas that the routes parse
 * and answer by (lib/api/operations.ts).
 */
import type { Answer, JsonPath, OperationPath, QueryInput } from '../api/operations.ts';
import { problemOf } from './problem.ts';

export interface AskOptions {
  readonly signal?: AbortSignal | undefined;
  /** Of the server, where a worker asks that has no page's address. Default: where the page is from. */
  readonly origin?: string;
}

/** Asks for JSON. @throws ServerProblem, an AbortError, or TypeError where there is no answer */
export async function askMarket<Path extends JsonPath>(
  path: Path,
  query: QueryInput<Path>,
  options: AskOptions = {},
): Promise<Answer<Path>> {
  return (await (await fetchMarket(path, query, options)).json()) as Answer<Path>;
}

/** `askMarket` as somebody was given it, who need not know where answers are kept. */
export type AskMarket = <Path extends JsonPath>(path: Path, query: QueryInput<Path>) => Promise<Answer<Path>>;

/** Asks for bytes. @throws as `askMarket` */
export async function askMarketBytes(
  path: Exclude<OperationPath, JsonPath>,
  query: QueryInput<Exclude<OperationPath, JsonPath>>,
  options: AskOptions = {},
): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await (await fetchMarket(path, query, options)).arrayBuffer());
}

async function fetchMarket(path: OperationPath, query: object, { signal, origin = '' }: AskOptions): Promise<Response> {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) parameters.set(name, String(value));
  }
  const response = await fetch(`${origin}${path}?${parameters}`, { signal: signal ?? null });
  if (!response.ok) throw await problemOf(response);
  return response;
}
