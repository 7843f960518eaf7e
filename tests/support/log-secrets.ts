/** Whether a secret stands in a log. Every instance and web process that a test has run is looked at when it is stopped. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** Of tests and of the demonstration: none of them may be written down, wherever it came from. */
const KNOWN = ['correct horse battery', 'demo-kite-secret', 'demo-dhan-secret'];
/** Secrets that are made while a process runs, by their shapes. */
const SHAPES: readonly [what: string, shape: RegExp][] = [
  ['a signed token', /\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,}/],
  ['the code of a link', /\bcode=(?!\[secret\])[\w-]{16,}/],
  ['a session', /gehra\.session=(?!\[secret\])[\w.-]{16,}/],
  ['a key of a script', /\bgehra_[\w-]{30,}/],
  ['a broker’s token', /\b(?:access_token|request_token|tokenId)=(?!\[secret\])[\w-]{4,}/],
  ['a password of an address', /\b(?:postgres|postgresql|redis):\/\/[^\s:@/]*:(?!\[secret\])[^\s@/]+@/],
];

/** @param secrets of this process. @returns what is where, none of it repeated in full */
export function secretsInLogs(folder: string, secrets: readonly string[] = []): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.includes('.log'))
    .flatMap((name) => {
      const text = readFileSync(path.join(folder, name), 'utf8');
      const told = [...KNOWN, ...secrets].filter((secret) => text.includes(secret));
      return [
        ...told.map((secret) => `${name} holds a secret that begins with ${secret.slice(0, 4)}`),
        ...SHAPES.flatMap(([what, shape]) => (shape.test(text) ? [`${name} holds ${what}`] : [])),
      ];
    });
}
