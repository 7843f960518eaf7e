/** The address under which a page of ours is opened from a message. */
import type { Config } from '../config/config.ts';

export function pageLink({ host, port }: Pick<Config, 'host' | 'port'>, path: string): string {
  const name = host === '0.0.0.0' || host === '::' || host === '127.0.0.1' ? 'localhost' : host;
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}${path}`;
}
