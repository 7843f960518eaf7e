/** Our own processes: which of them an instance runs, and what each is told. */

import path from 'node:path';
import type { Environment } from '../../lib/config/config.ts';
import { builtFile, type Entry } from '../build/build.ts';
import type { ChildSpec } from '../supervise/supervised.ts';

interface ProcessKind {
  readonly name: string;
  readonly entry: Entry;
  /** Default: what Node.js takes for this machine. */
  readonly heapMb?: number;
  /** What it is told of: a process that never touches the database does not get its password. */
  readonly needs: readonly ('database' | 'redis' | 'secret')[];
}

/**
 * Of the web process, MB: whoever makes it work hard otherwise makes it large, because V8 collects late where it may take
 * 4 GB. Measured: 16,000 page requests cut off at once left 730 MB of garbage over 70 MB in use.
 */
const WEB_HEAP_MB = 512;

const KINDS = {
  simulator: { name: 'simulator', entry: 'simulator/main.ts', needs: [] },
  jobs: { name: 'jobs', entry: 'workers/jobs/main.ts', needs: ['database', 'redis', 'secret'] },
  kite: { name: 'kite', entry: 'collectors/kite/main.ts', needs: ['redis'] },
  dhan: { name: 'dhan', entry: 'collectors/dhan/main.ts', needs: ['redis'] },
  writer: { name: 'writer', entry: 'workers/writer/main.ts', needs: ['database', 'redis'] },
  signals: { name: 'signals', entry: 'workers/signals/main.ts', needs: ['database', 'redis'] },
  web: { name: 'web', entry: 'app/server.ts', heapMb: WEB_HEAP_MB, needs: ['database', 'redis', 'secret'] },
} as const satisfies Record<string, ProcessKind>;

export type KindName = keyof typeof KINDS;

/** What all processes of an instance share. */
export interface ProcessSetting {
  readonly buildDir: string;
  /** The environment that `./gehra` itself was given. */
  readonly environment: Environment;
  /** What the instance sets above it, but for the addresses of the servers. */
  readonly variables: Readonly<Record<string, string>>;
  readonly databaseUrl: string;
  readonly databaseDirectUrl: string;
  readonly redisUrl: string;
  /** Signs sessions and seals what is kept secret. */
  readonly authSecret: string;
}

/** What only those who log in to a broker are told. */
const NO_BROKER_SECRETS = {
  KITE_API_SECRET: '',
  KITE_ACCESS_TOKEN: '',
  DHAN_API_KEY: '',
  DHAN_API_SECRET: '',
  DHAN_ACCESS_TOKEN: '',
};

/** How to run one of our processes. `number` tells several of a kind apart; `args` follow the entry. */
export function processSpec(
  kind: KindName,
  setting: ProcessSetting,
  { number, args = [] }: { readonly number?: number; readonly args?: readonly string[] } = {},
): ChildSpec {
  const { name, entry, heapMb, needs }: ProcessKind = KINDS[kind];
  return {
    name: number === undefined ? name : `${name}-${number}`,
    command: process.execPath,
    args: [
      '--enable-source-maps',
      ...(heapMb === undefined ? [] : [`--max-old-space-size=${heapMb}`]),
      path.join(setting.buildDir, builtFile(entry)),
      ...args,
    ],
    cwd: setting.buildDir,
    env: {
      ...setting.environment,
      NODE_ENV: 'production',
      NEXT_TELEMETRY_DISABLED: '1',
      ...setting.variables,
      DATABASE_URL: needs.includes('database') ? setting.databaseUrl : '',
      // The parts are in the addresses already, and not for those who do not get the addresses.
      DB_PASSWORD: '',
      DATABASE_DIRECT_URL: needs.includes('database') ? setting.databaseDirectUrl : '',
      REDIS_URL: needs.includes('redis') ? setting.redisUrl : '',
      AUTH_SECRET: needs.includes('secret') ? setting.authSecret : '',
      ...(needs.includes('secret') ? {} : NO_BROKER_SECRETS),
    },
    stopSignal: 'SIGTERM',
    ready: 'message',
  };
}
