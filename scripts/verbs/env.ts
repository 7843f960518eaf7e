/** `./gehra env`: the addresses of a running instance, for scripts. */
import { readRunningState } from '../instance/state.ts';
import { shellAssignments } from '../terminal/shell.ts';
import { UserError } from '../user-error.ts';

const POSTGRES_PORT = '5432';

export function env(dataDir: string): void {
  const state = readRunningState(dataDir);
  if (!state?.appUrl || !state.databaseUrl || !state.redisUrl) {
    throw new UserError(`No instance is ready in ${dataDir}. Start one with: ./gehra up --data '${dataDir}'`);
  }
  const { appUrl, databaseUrl, databaseDirectUrl = databaseUrl, redisUrl, simulatorUrl = '' } = state;
  process.stdout.write(
    shellAssignments({
      APP_URL: appUrl,
      DATABASE_URL: databaseUrl,
      DATABASE_DIRECT_URL: databaseDirectUrl,
      REDIS_URL: redisUrl,
      SIMULATOR_URL: simulatorUrl,
      ...databaseParts(databaseUrl),
    }),
  );
}

/** The address in parts, as the predecessor's scripts take it. */
export function databaseParts(url: string): Record<string, string> {
  const { hostname, port, pathname, username, password } = new URL(url);
  return {
    DB_HOST: hostname.replace(/^\[|\]$/g, ''),
    DB_PORT: port || POSTGRES_PORT,
    DB_NAME: decodeURIComponent(pathname.slice(1)),
    DB_USER: decodeURIComponent(username),
    DB_PASSWORD: decodeURIComponent(password),
  };
}
