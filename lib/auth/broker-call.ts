/**
 * One call to a broker's REST: within a time, to that host alone, and with every way it can fail named. Neither a token nor a
 * secret nor the broker's own text gets into an error: what a broker writes may repeat what it was sent.
 */
import type { z } from 'zod';
import { BROKER_NAMES, type BrokerProblem } from '../core/broker-problems.ts';
import type { Broker } from '../core/feeds.ts';

/** A person waits for it. */
const TIMEOUT_MS = 7000;
/** Answers have less than two kB, unless a call says otherwise. */
const ANSWER_BYTES_MAX = 64 * 1024;

export class BrokerError extends Error {
  override readonly name = 'BrokerError';

  constructor(
    readonly broker: Broker,
    readonly problem: BrokerProblem,
    /** Of the answer; 0 where there was none. */
    readonly status: number,
    call: string,
  ) {
    super(`${BROKER_NAMES[broker]}, ${call}: ${problem}${status ? ` (HTTP ${status})` : ''}`);
  }
}

export interface BrokerCall {
  readonly broker: Broker;
  /** What it is, for errors: no address, which may carry a token. */
  readonly name: string;
  readonly url: URL;
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: URLSearchParams;
  /** In the place of `body`: sent as JSON. */
  readonly json?: unknown;
  /** Longest answer that is read; default: enough for a login. */
  readonly answerBytesMax?: number;
  /** Default: as long as a person waits. */
  readonly timeoutMs?: number;
}

/**
 * @param refusal what an answer other than 5xx and 429 means, by its status and JSON body (null where it is none)
 * @throws BrokerError
 */
export async function callBroker<Schema extends z.ZodType>(
  call: BrokerCall,
  schema: Schema,
  refusal: (status: number, body: unknown) => BrokerProblem,
): Promise<z.output<Schema>> {
  const { broker, name, url, method, headers, body, json, answerBytesMax, timeoutMs = TIMEOUT_MS } = call;
  const failed = (problem: BrokerProblem, status = 0): BrokerError => new BrokerError(broker, problem, status, name);
  let response: Response;
  let text: string;
  try {
    response = await fetch(url, {
      method,
      headers: {
        accept: 'application/json',
        ...(json === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(json === undefined ? (body ? { body } : {}) : { body: JSON.stringify(json) }),
      // An answer that leads to another host would take the token there.
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs),
    });
    text = await readText(response, answerBytesMax ?? ANSWER_BYTES_MAX);
  } catch (error) {
    if (error instanceof AnswerTooLarge) throw failed('broker_answer');
    throw failed((error as Error).name === 'TimeoutError' ? 'broker_timeout' : 'broker_unreachable');
  }
  const { status } = response;
  if (status >= 300 && status < 400) throw failed('broker_answer', status);
  if (status >= 500) throw failed('broker_error', status);
  if (status === 429) throw failed('limit', status);
  const answer = parseJson(text);
  if (!response.ok) throw failed(refusal(status, answer), status);
  const parsed = schema.safeParse(answer);
  if (!parsed.success) throw failed('broker_answer', status);
  return parsed.data;
}

class AnswerTooLarge extends Error {}

async function readText(response: Response, bytesMax: number): Promise<string> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    size += part.length;
    if (size > bytesMax) throw new AnswerTooLarge();
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // HTML of something in between: what it means is said by the schema or the status.
    return null;
  }
}
