/** Calls of our own API that change something. */
import { problemOf } from './problem.ts';

/** Sends JSON and gives the JSON that is answered. @throws ServerProblem, or TypeError where there is no answer */
export async function send<T>(
  method: 'POST' | 'PUT' | 'PATCH' | 'DELETE',
  path: string,
  body: object = {},
): Promise<T> {
  const response = await fetch(path, {
    method,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw await problemOf(response);
  return response.status === 204 ? (undefined as T) : ((await response.json()) as T);
}

/** Asks for JSON. @throws ServerProblem, or TypeError where there is no answer */
export async function ask<T>(path: string): Promise<T> {
  const response = await fetch(path);
  if (!response.ok) throw await problemOf(response);
  return (await response.json()) as T;
}
