/**
 * The web process of the build as it runs in production, on servers of its own: of a real market, behind https, with an owner and a
 * viewer. For what a browser would never send.
 */
import { rmSync } from 'node:fs';
import path from 'node:path';
import { Pool } from 'pg';
import pino from 'pino';
import { migrate } from '../../db/migrate.ts';
import { addPerson } from '../../db/people.ts';
import { hashPassword, preparePasswords } from '../../lib/auth/password.ts';
import { foreignEnvironment } from '../../lib/config/config.ts';
import { packageRoot } from '../../lib/config/root.ts';
import { freePort } from '../../scripts/instance/ports.ts';
import { processSpec } from '../../scripts/instance/processes.ts';
import { Supervised } from '../../scripts/supervise/supervised.ts';
import { newDataFolder } from './data-folder.ts';
import { secretsInLogs } from './log-secrets.ts';
import { createDatabase, startTestRedis } from './servers.ts';
import { PASSWORD } from './visitor.ts';

const AUTH_SECRET = 'a secret of tests that has 32 characters and more';
/** Where browsers find it. */
export const APP_URL = 'https://gehra.test';

export class WebProcess {
  private constructor(
    readonly port: number,
    readonly databaseUrl: string,
    readonly logFile: string,
    readonly pid: () => number | undefined,
    readonly stop: () => Promise<void>,
  ) {}

  static async start(postgresUrl: string): Promise<WebProcess> {
    const log = pino({ level: 'silent' });
    const [database, redis, port] = await Promise.all([createDatabase(postgresUrl), startTestRedis(), freePort()]);
    await migrate(database.url, log);
    await addPeople(database.url);
    const dataDir = newDataFolder();
    const spec = processSpec('web', {
      buildDir: path.join(packageRoot, 'dist/current'),
      environment: foreignEnvironment(),
      variables: {
        SECURITY_CONTACT: 'mailto:security@gehra.test',
        GEHRA_DATA_DIR: dataDir,
        GEHRA_SIMULATED: '0',
        APP_URL,
        PORT: String(port),
        LOG_LEVEL: 'debug',
      },
      databaseUrl: database.url,
      databaseDirectUrl: database.url,
      redisUrl: redis.url,
      authSecret: AUTH_SECRET,
    });
    const logFile = path.join(dataDir, 'logs', 'web.log');
    const child = new Supervised(spec, logFile, { onNote: () => undefined, onChange: () => undefined });
    const stop = async (): Promise<void> => {
      await child.stop();
      await redis.stop();
      await database.drop();
      const told = secretsInLogs(path.dirname(logFile), [AUTH_SECRET]);
      rmSync(dataDir, { recursive: true, force: true });
      if (told.length > 0) throw new Error(`a secret was written into a log:\n${told.join('\n')}`);
    };
    await child.start().catch(async (error: unknown) => {
      await stop();
      throw error;
    });
    return new WebProcess(port, database.url, logFile, () => child.pid, stop);
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  ask(pathAndQuery: string, init: RequestInit = {}): Promise<Response> {
    return fetch(`${this.url}${pathAndQuery}`, { redirect: 'manual', ...init });
  }

  /** The headers of somebody who has signed in. */
  async signIn(name: 'Asha' | 'Vik'): Promise<Record<string, string>> {
    const cookiesOf = (answer: Response): string =>
      answer.headers
        .getSetCookie()
        .map((line) => line.split(';')[0])
        .join('; ');
    const csrf = await this.ask('/api/auth/csrf');
    const { csrfToken } = (await csrf.json()) as { csrfToken: string };
    const answer = await this.ask('/api/auth/callback/credentials', {
      method: 'POST',
      headers: { origin: APP_URL, cookie: cookiesOf(csrf), 'content-type': 'application/json' },
      body: JSON.stringify({ csrfToken, name, password: PASSWORD, json: 'true' }),
    });
    if (!answer.ok) throw new Error(`${name} cannot sign in: HTTP ${answer.status} ${await answer.text()}`);
    return { cookie: cookiesOf(answer), origin: APP_URL };
  }
}

async function addPeople(databaseUrl: string): Promise<void> {
  await preparePasswords();
  const pool = new Pool({ connectionString: databaseUrl, max: 1 });
  try {
    const passwordHash = await hashPassword(PASSWORD);
    await addPerson(pool, { name: 'Asha', role: 'owner', passwordHash });
    await addPerson(pool, { name: 'Vik', role: 'viewer', passwordHash });
  } finally {
    await pool.end();
  }
}
