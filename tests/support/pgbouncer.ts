/** A real PgBouncer with the settings of ops/docker, in front of a PostgreSQL of the tests. */
import { chownSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { packageRoot } from '../../lib/config/root.ts';
import { freePort, LOOPBACK } from '../../scripts/instance/ports.ts';
import { untilPostgresAnswers } from '../../scripts/services/postgres.ts';
import { serviceUser } from '../../scripts/services/postgres-home.ts';
import { newDataFolder } from './data-folder.ts';
import { debianProgram } from './debian-program.ts';
import { runServer, type TestServer } from './servers.ts';

/** The package's own scripts are not needed to run it, nor what they are written in. */
const LEFT_OUT = /^(postgresql-|perl|libperl|ssl-cert|init-system-helpers|lsb-base|sysvinit)/;

export interface TestPooler extends TestServer {
  /** The address of one of the server's databases through the pooler. */
  pooled(databaseUrl: string): string;
}

/** @param settings of the pooler above those of ops/docker/pgbouncer.ini */
export async function startTestPgBouncer(
  postgresUrl: string,
  settings: Readonly<Record<string, string>> = {},
): Promise<TestPooler> {
  const { command, args, env } = await debianProgram({
    name: 'pgbouncer',
    file: 'usr/sbin/pgbouncer',
    leaveOut: LEFT_OUT,
  });
  const dir = newDataFolder();
  const { hostname, port: serverPort, username, password } = new URL(postgresUrl);
  const users = path.join(dir, 'users');
  const port = await freePort();
  const ini = adjusted(readFileSync(path.join(packageRoot, 'ops/docker/pgbouncer.ini'), 'utf8'), {
    gehra: null,
    '*': `host=${hostname} port=${serverPort}`,
    listen_addr: LOOPBACK,
    listen_port: String(port),
    auth_file: users,
    ...settings,
  });
  const file = path.join(dir, 'pgbouncer.ini');
  writeFileSync(file, ini, { mode: 0o600 });
  writeFileSync(users, `"${decodeURIComponent(username)}" "${decodeURIComponent(password)}"\n`, { mode: 0o600 });
  // It refuses to run as root, and reads its files again when told to.
  const user = process.getuid?.() === 0 ? await serviceUser() : null;
  if (user) for (const one of [file, users]) chownSync(one, user.uid, user.gid);
  const pooled = (databaseUrl: string): string => {
    const url = new URL(databaseUrl);
    url.port = String(port);
    return url.href;
  };
  const server = await runServer(dir, {
    url: pooled(postgresUrl),
    spec: {
      name: 'pgbouncer',
      command,
      args: [...args, ...(user ? ['-u', user.name] : []), file],
      cwd: dir,
      env,
      stopSignal: 'SIGTERM',
      ready: (signal) => untilPostgresAnswers(pooled(postgresUrl), signal),
    },
  });
  return { ...server, pooled };
}

/** The settings with other values for some names; null: without it. A name that is not there comes behind its section. */
function adjusted(ini: string, values: Readonly<Record<string, string | null>>): string {
  const left = new Map(Object.entries(values));
  const lines = ini.split('\n').flatMap((line) => {
    const name = /^([\w*]+) *=/.exec(line)?.[1] ?? '';
    const value = left.get(name);
    left.delete(name);
    if (value === undefined) return [line];
    return value === null ? [] : [`${name} = ${value}`];
  });
  const database = left.get('*');
  left.delete('*');
  lines.splice(lines.indexOf('[databases]') + 1, 0, `* = ${database}`);
  return [...lines, ...[...left].map(([name, value]) => `${name} = ${value}`), ''].join('\n');
}
