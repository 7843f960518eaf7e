/** The files for Docker Compose before Compose itself, Debian 13's: their schema, their variables, how one changes the other. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { foreignEnvironment } from '../../lib/config/config.ts';
import { packageRoot } from '../../lib/config/root.ts';
import { toSpawn } from '../../scripts/supervise/environment.ts';
import { type DebianProgram, debianProgram } from '../support/debian-program.ts';

interface Service {
  readonly image: string;
  readonly environment?: Record<string, string | null>;
  readonly user?: string;
  readonly read_only?: boolean;
  readonly tmpfs?: string[];
  readonly cap_drop?: string[];
  readonly cap_add?: string[];
  readonly privileged?: boolean;
  readonly security_opt?: string[];
  readonly network_mode?: string;
  readonly pids_limit?: number;
  readonly mem_limit?: string;
  readonly logging?: { options: Record<string, string> };
  readonly ports?: { host_ip?: string; published: string }[];
  readonly volumes?: { type: string; source?: string; target: string }[];
  readonly secrets?: { source: string }[];
  readonly healthcheck?: object;
  readonly restart?: string;
  readonly depends_on?: Record<string, { condition: string }>;
}

let compose: DebianProgram;
beforeAll(async () => {
  compose = await debianProgram({
    name: 'docker-compose',
    file: 'usr/libexec/docker/cli-plugins/docker-compose',
    release: 'trixie',
    // It needs the C library alone, and no engine.
    leaveOut: /^(?!docker-compose_|libc6_)/,
  });
});

function run(
  files: readonly string[],
  environment: Record<string, string> = {},
): { status: number | null; stderr: string; services: [string, Service][] } {
  const { status, stdout, stderr } = spawnSync(
    compose.command,
    [...compose.args, ...files.flatMap((file) => ['--file', file]), 'config', '--format', 'json'],
    { cwd: packageRoot, encoding: 'utf8', env: toSpawn({ ...foreignEnvironment(), ...compose.env, ...environment }) },
  );
  return { status, stderr, services: status === 0 ? Object.entries(JSON.parse(stdout).services) : [] };
}

const production = ['docker-compose.yml'];
const twoWebs = ['docker-compose.yml', 'docker-compose.web2.yml'];
const development = ['docker-compose.yml', 'docker-compose.dev.yml'];

describe('Compose', () => {
  it.each([[production], [development], [twoWebs]])('takes %j, and misses no variable', (files) => {
    const { status, stderr } = run(files);
    expect(stderr).toBe('');
    expect(status).toBe(0);
  });

  it('would have refused a key that there is not', () => {
    const dir = mkdtempSync(path.join(tmpdir(), 'gehra-compose-'));
    try {
      const file = path.join(dir, 'compose.yml');
      writeFileSync(file, 'services: { web: { image: gehra, healthchek: { test: [CMD, "true"] } } }\n');
      const { status, stderr } = run([file]);
      expect(stderr).toMatch(/healthchek/);
      expect(status).not.toBe(0);
    } finally {
      rmSync(dir, { recursive: true });
    }
  });
});

describe('the policy for containers, as Compose reads the file', () => {
  let services: [string, Service][];
  beforeAll(() => {
    ({ services } = run(production));
  });
  const each = (check: (service: Service, name: string) => void): void => {
    expect(services.length).toBeGreaterThan(10);
    for (const [name, service] of services) check(service, name);
  };

  it('gives no right but those that PostgreSQL needs to change its user', () => {
    each((service, name) => {
      expect(service.cap_drop, name).toEqual(['ALL']);
      expect(service.security_opt, name).toEqual(['no-new-privileges:true']);
      expect(service.privileged ?? false, name).toBe(false);
      expect(service.network_mode ?? '', name).not.toBe('host');
      if (name === 'timescaledb') return;
      expect(service.cap_add, name).toBeUndefined();
      expect(service.read_only, name).toBe(true);
      expect(service.tmpfs, name).toEqual(['/tmp']);
      // PgBouncer's image has its own ordinary user.
      if (name !== 'pgbouncer') expect(service.user, name).toMatch(/^(gehra|redis|proxy)$/);
    });
  });

  it('bounds memory, processes and logs', () => {
    each((service, name) => {
      expect(Number(service.mem_limit), name).toBeGreaterThan(0);
      expect(service.pids_limit, name).toBeGreaterThan(0);
      expect(service.logging?.options, name).toEqual({ 'max-size': '10m', 'max-file': '3' });
    });
  });

  it('publishes on loopback only; the proxy elsewhere when asked, and nothing else', () => {
    const published = (environment: Record<string, string>): Record<string, string> =>
      Object.fromEntries(
        run(production, environment).services.flatMap(([name, { ports = [] }]) =>
          ports.map((port) => [`${name} ${port.published}`, port.host_ip ?? 'everywhere']),
        ),
      );
    const byDefault = published({});
    expect(new Set(Object.values(byDefault))).toEqual(new Set(['127.0.0.1']));
    expect(published({ GEHRA_PUBLISH: '0.0.0.0' })).toEqual({
      ...byDefault,
      'proxy 80': '0.0.0.0',
      'proxy 443': '0.0.0.0',
    });
  });

  it('hands out no socket of Docker, and secrets as files alone', () => {
    each((service, name) => {
      for (const { source = '' } of service.volumes ?? []) expect(source, name).not.toMatch(/docker\.sock/);
      for (const [variable, value] of Object.entries(service.environment ?? {})) {
        if (/PASSWORD|SECRET|TOKEN(?!_DIR)/.test(variable))
          expect(value, `${name} ${variable}`).toMatch(/^\/run\/secrets\//);
      }
    });
  });

  it('starts in the order of health, and starts again what ends', () => {
    const byName = Object.fromEntries(services);
    each((service, name) => {
      expect(service.restart, name).toBe(name === 'migrate' ? 'no' : 'unless-stopped');
      if (name !== 'migrate') expect(service.healthcheck, name).toHaveProperty('test');
      for (const [other, { condition }] of Object.entries(service.depends_on ?? {})) {
        if (other === 'migrate') expect(condition).toBe('service_completed_successfully');
        else {
          expect(condition, `${name} after ${other}`).toBe('service_healthy');
          expect(byName[other]?.healthcheck, other).toBeDefined();
        }
      }
    });
    expect(Object.keys(byName.proxy?.depends_on ?? {})).toEqual(['web']);
  });

  it('mounts the folder of the tokens for those who use it, wherever it is on the host', () => {
    const mounts = (environment: Record<string, string>): Record<string, string | undefined> =>
      Object.fromEntries(
        run(production, environment).services.flatMap(([name, { volumes = [] }]) =>
          volumes.filter(({ target }) => target === '/app/data').map(({ source }) => [name, source]),
        ),
      );
    const all = (source: string) => ({ kite: source, dhan: source, jobs: source, web: source });
    expect(mounts({})).toEqual(all('/opt/tradingapp/data'));
    expect(mounts({ GEHRA_TOKEN_DIR: '/srv/tokens' })).toEqual(all('/srv/tokens'));
    for (const [name, { environment }] of services.filter(([, { image }]) => image === 'gehra')) {
      expect(environment?.GEHRA_TOKEN_DIR, name).toBe('/app/data');
    }
  });
});

it('runs a second web process like the first, but for the port of the host', () => {
  const { web, web2, proxy } = Object.fromEntries(run(twoWebs).services);
  const { ports, ...rest } = web ?? {};
  expect(ports).toHaveLength(1);
  expect(web2).toEqual(rest);
  expect(proxy?.environment?.GEHRA_UPSTREAM).toBe('web:3000 web2:3000');
  expect(Object.keys(proxy?.depends_on ?? {})).toEqual(['web', 'web2']);
});

describe('development', () => {
  it('runs every process of ours from the mounted sources, beside the same servers', () => {
    const inProduction = Object.fromEntries(run(production).services);
    const { services } = run(development);
    expect(services.map(([name]) => name)).toEqual(Object.keys(inProduction));
    for (const [name, service] of services) {
      if (inProduction[name]?.image !== 'gehra') expect(service, name).toEqual(inProduction[name]);
      else {
        const mounted = service.volumes?.map(({ type, target }) => `${type} ${target}`);
        expect(mounted, name).toEqual(['bind /app', 'volume /app/node_modules', 'volume /data']);
        expect(service.user, name).toBe('node');
      }
    }
  });
});
