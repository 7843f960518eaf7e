/** Bytes as no browser would send them, and what is answered until the connection ends. */
import { connect } from 'node:net';

/** @returns everything that was answered */
export async function rawHttp(port: number, ...parts: readonly string[]): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  let answer = '';
  socket.setEncoding('latin1').on('data', (chunk: string) => {
    answer += chunk;
  });
  // Cut off in the middle of what it still sends: the end is what is waited for.
  socket.on('error', () => undefined);
  const closed = new Promise((resolve) => socket.once('close', resolve));
  for (const part of parts) socket.write(part, 'latin1');
  await closed;
  return answer;
}
