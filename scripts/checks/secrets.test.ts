/** S106: nobody's secret is in the tree, nor has ever been in its history. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { packageRoot } from '../../lib/config/root.ts';
import { isSecretFile, secretsIn } from './secrets.ts';

const git = (...args: string[]): string =>
  execFileSync('git', args, { cwd: packageRoot, encoding: 'latin1', maxBuffer: 1024 * 1024 * 1024 });
/** An archive of the sources has no history. */
const isRepository = existsSync(path.join(packageRoot, '.git'));
const why = isRepository ? '' : ' (skipped: no git repository)';

it.skipIf(!isRepository)(`S106: no file of the tree holds what looks like a secret${why}`, () => {
  const files = git('ls-files', '-z', '--cached', '--others', '--exclude-standard').split('\0').filter(Boolean);
  expect(files.length).toBeGreaterThan(500);
  expect(files.filter(isSecretFile)).toEqual([]);
  const present = files.filter(
    (file) => existsSync(path.join(packageRoot, file)) && statSync(path.join(packageRoot, file)).isFile(),
  );
  expect(present.flatMap((file) => secretsIn(file, readFileSync(path.join(packageRoot, file), 'latin1')))).toEqual([]);
});

it.skipIf(!isRepository)(
  `S106: nothing that was ever committed looks like a secret${why}`,
  { timeout: 120_000 },
  () => {
    const changes = git(
      'log',
      '--all',
      '--patch',
      '--unified=0',
      '--text',
      '--no-color',
      '--no-ext-diff',
      '--no-textconv',
    );
    expect(changes.length).toBeGreaterThan(1000);
    // Without the signs of what was added and taken away.
    expect(secretsIn('the history', changes.replaceAll(/^[+-]/gm, ''))).toEqual([]);
    const names = new Set(git('log', '--all', '--name-only', '--format=').split('\n').filter(Boolean));
    expect([...names].filter(isSecretFile)).toEqual([]);
  },
);

/** Put together here, so that this file holds none. */
const joined = (...parts: string[]): string => parts.join('');
it.each([
  ['a private key', joined('-----BEGIN RSA PRIVATE', ' KEY-----\nMIIEowIBAAKCAQEAtestTESTtest')],
  ['a signed token', joined('eyJhbGciOiJIUzUxMiJ9', '.eyJpc3MiOiJkaGFuIiwi', '.c2lnbmF0dXJlLW9mLWl0')],
  ['a key of a cloud', joined('AKIA', 'IOSFODNN7EXAMPLE')],
  ['a token of a forge', joined('ghp_', 'a'.repeat(36))],
  ['a webhook', joined('https://hooks.slack', '.com/services/T00000000/B00000000/', 'X'.repeat(24))],
  ['a token of a bot', joined('123456789', ':AA', 'x'.repeat(33))],
  ['a secret of ours', joined('KITE_API_', 'SECRET=abcdefgh12345678')],
])('finds %s', (_what, text) => {
  expect(secretsIn('a', `first line\n${text}\n`)).toMatchObject([{ line: 2 }]);
});

it('finds none in an example, and knows files of secrets by their names', () => {
  expect(secretsIn('.env.example', readFileSync(path.join(packageRoot, '.env.example'), 'utf8'))).toEqual([]);
  expect(['a/access_token.txt', '.env', 'tls/server.key', 'home/id_ed25519'].every(isSecretFile)).toBe(true);
  expect(['.env.example', 'lib/queue/keys.ts', 'tokens.md'].some(isSecretFile)).toBe(false);
});
