/** The files for Docker, as far as they can be judged without an engine: nothing here builds or runs an image. */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { variables } from '../../lib/config/config.ts';
import { packageRoot } from '../../lib/config/root.ts';
import { builtFile, ENTRIES } from '../../scripts/build/build.ts';
import { parseAssignments } from '../support/gehra.ts';

interface Service {
  readonly image: string;
  readonly user?: string;
  readonly command?: string[];
  readonly volumes?: (string | object)[];
  readonly environment?: Record<string, string>;
  readonly secrets?: string[];
  readonly deploy?: { replicas: number };
}

const read = (file: string): string => readFileSync(path.join(packageRoot, file), 'utf8');
const compose = parse(read('docker-compose.yml'), { merge: true }) as {
  services: Record<string, Service>;
  secrets: Record<string, { file: string }>;
  volumes: Record<string, null>;
};
const services = Object.entries(compose.services);
const own = services.filter(([, { image }]) => image === 'gehra');

describe('docker-compose.yml', () => {
  it('has the servers and every process of ours, three writers among them', () => {
    expect(Object.keys(compose.services).toSorted()).toEqual(
      [
        'timescaledb',
        'pgbouncer',
        'redis',
        'migrate',
        'kite',
        'dhan',
        'writer',
        'signals',
        'jobs',
        'web',
        'proxy',
      ].toSorted(),
    );
    expect(compose.services.writer?.deploy?.replicas).toBe(3);
  });

  it.each(services.filter(([, { image }]) => !image.startsWith('gehra')))('%s: pinned', (_name, service) => {
    expect(service.image).toMatch(/:v?\d+\.\d+/);
  });

  it.each(own)('%s runs an entry of the build, as an ordinary user', (_name, { command = [], user }) => {
    expect(ENTRIES.map(builtFile)).toContain(command[0]);
    expect(user).toBe('gehra');
  });

  it('tells nobody of a password he has no use for', () => {
    const secretsOf = (name: string): string[] => compose.services[name]?.secrets ?? [];
    for (const name of ['kite', 'dhan']) expect(secretsOf(name)).toEqual(['redis_password']);
    expect(secretsOf('migrate')).toEqual(['database_password']);
    const withSecret = Object.keys(compose.services).filter((name) => secretsOf(name).includes('auth_secret'));
    expect(withSecret.toSorted()).toEqual(['jobs', 'web']);
    for (const { secrets = [] } of Object.values(compose.services)) {
      for (const secret of secrets) expect(compose.secrets).toHaveProperty(secret);
    }
    expect(read('docker-compose.yml')).not.toMatch(/:\/\/[^\s/]+:[^\s/]+@/);
  });

  it('sets only variables that there are', () => {
    for (const [, { environment = {} }] of own) {
      for (const name of Object.keys(environment)) expect(variables).toHaveProperty(name);
    }
  });

  it('mounts files that there are', () => {
    for (const [, { volumes = [] }] of services) {
      const named = volumes.filter((volume) => typeof volume === 'string');
      for (const [source = ''] of named.map((volume) => volume.split(':'))) {
        // Made with the secrets.
        if (source.startsWith('./ops/secrets/')) continue;
        if (source.startsWith('.')) expect(existsSync(path.join(packageRoot, source)), source).toBe(true);
        else expect(compose.volumes).toHaveProperty(source);
      }
    }
  });
});

describe('the servers', () => {
  it('Redis evicts nothing and writes an append-only file', () => {
    expect(read('ops/docker/redis.conf')).toMatch(/^maxmemory-policy noeviction$/m);
    expect(read('ops/docker/redis.conf')).toMatch(/^appendonly yes$/m);
  });

  it('S101: Redis lets in one user, who may not empty, change, stop or search it', () => {
    const script = read('ops/docker/redis.sh');
    expect(script).toContain('user default off');
    expect(script).toContain('+@all -@dangerous +info');
    expect(read('scripts/services/redis.ts')).toContain('~* &* +@all -@dangerous +info');
  });

  it('PgBouncer pools by transaction, with scram, and nobody is its admin', () => {
    const settings = read('ops/docker/pgbouncer.ini');
    for (const line of ['pool_mode = transaction', 'auth_type = scram-sha-256', 'admin_users =']) {
      expect(settings.split('\n')).toContain(line);
    }
  });
});

describe('Dockerfile', () => {
  const text = read('Dockerfile');
  it('builds in one stage and runs in another, as an ordinary user, from pinned images', () => {
    expect(text.match(/^FROM node:\d+\.\d+\.\d+-bookworm-slim/gm)).toHaveLength(2);
    expect(
      text
        .trimEnd()
        .split(/^FROM /m)
        .at(-1),
    ).toMatch(/^USER gehra$/m);
    expect(text.match(/^FROM (?!node:|packages |caddy:\d+\.\d+\.\d+-alpine).*/gm)).toBeNull();
    expect(text).not.toMatch(/^(ARG|ENV) .*(PASSWORD|TOKEN|SECRET)/m);
  });

  it('has the Node that the packages are for', () => {
    const major = /^FROM node:(\d+)/m.exec(text)?.[1];
    expect(JSON.parse(read('package.json')).engines.node).toContain(`>=${major}.`);
  });
});

describe('passwords', () => {
  let dir: string;
  beforeAll(() => {
    dir = mkdtempSync(path.join(tmpdir(), 'gehra-docker-'));
    mkdirSync(path.join(dir, 'ops'));
    cpSync(path.join(packageRoot, 'ops/docker'), path.join(dir, 'ops/docker'), { recursive: true });
  });
  afterAll(() => rmSync(dir, { recursive: true }));

  it('are made once, in a folder that only their owner can enter', () => {
    const make = (): string =>
      execFileSync(path.join(dir, 'ops/docker/make-secrets.sh'), { encoding: 'utf8', stdio: 'pipe' });
    make();
    const secrets = path.join(dir, 'ops/secrets');
    expect(statSync(secrets).mode & 0o777).toBe(0o700);
    const password = readFileSync(path.join(secrets, 'database_password'), 'utf8');
    expect(password).toMatch(/^[0-9a-f]{48}$/);
    expect(readFileSync(path.join(secrets, 'redis_password'), 'utf8')).not.toBe(password);
    expect(readFileSync(path.join(secrets, 'auth_secret'), 'utf8')).toMatch(/^[0-9a-f]{48}$/);
    expect(readFileSync(path.join(secrets, 'pgbouncer_users'), 'utf8')).toBe(`"gehra" "${password}"\n`);
    expect(make()).toContain('nothing was changed');
  });

  it('are made after an update where they are missing, and the others stay', () => {
    const secrets = path.join(dir, 'ops/secrets');
    const password = readFileSync(path.join(secrets, 'database_password'), 'utf8');
    rmSync(path.join(secrets, 'auth_secret'));
    const said = execFileSync(path.join(dir, 'ops/docker/make-secrets.sh'), { encoding: 'utf8', stdio: 'pipe' });
    expect(said).toBe(`made in ${secrets}: auth_secret\n`);
    expect(readFileSync(path.join(secrets, 'auth_secret'), 'utf8')).toMatch(/^[0-9a-f]{48}$/);
    expect(readFileSync(path.join(secrets, 'database_password'), 'utf8')).toBe(password);
  });

  it('get into the addresses of those who were given them', () => {
    const bin = path.join(dir, 'bin');
    mkdirSync(bin);
    writeFileSync(
      path.join(bin, 'node'),
      `#!/bin/sh\nfor name in DB_PASSWORD REDIS_URL AUTH_SECRET; do eval "echo $name=\\'\\\${$name-}\\'"; done\n`,
    );
    chmodSync(path.join(bin, 'node'), 0o755);
    for (const tool of ['sh', 'cat']) symlinkSync(path.join('/usr/bin', tool), path.join(bin, tool));
    const secrets = path.join(dir, 'given');
    mkdirSync(secrets);
    const run = (given: Record<string, string> = {}): Record<string, string> =>
      parseAssignments(
        execFileSync(path.join(dir, 'ops/docker/entrypoint.sh'), ['app/server.js'], {
          encoding: 'utf8',
          env: { PATH: bin, GEHRA_SECRETS_DIR: secrets, ...given } as unknown as NodeJS.ProcessEnv,
        }),
      );
    writeFileSync(path.join(secrets, 'redis_password'), 'r');
    expect(run()).toEqual({
      DB_PASSWORD: '',
      REDIS_URL: 'redis://gehra:r@redis:6379/0',
      AUTH_SECRET: '',
    });
    writeFileSync(path.join(secrets, 'database_password'), 'd');
    writeFileSync(path.join(secrets, 'auth_secret'), 'a');
    expect(run()).toEqual({
      DB_PASSWORD: 'd',
      REDIS_URL: 'redis://gehra:r@redis:6379/0',
      AUTH_SECRET: 'a',
    });
    // What .env gives wins; a password without a host is that of the server of docker-compose.yml, as the host needs it.
    const own = { REDIS_URL: 'redis://elsewhere', AUTH_SECRET: 'mine' };
    expect(run({ ...own, DB_PASSWORD: 'mine', DB_HOST: 'db.example' })).toEqual({ ...own, DB_PASSWORD: 'mine' });
    expect(run({ ...own, DB_PASSWORD: 'mine' })).toEqual({ ...own, DB_PASSWORD: 'd' });
    expect(run({ DB_HOST: 'db.example' }).DB_PASSWORD).toBe('d');
  });
});
