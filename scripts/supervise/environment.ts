import type { Environment } from '../../lib/config/config.ts';

/** For `spawn`: Next.js's types demand a NODE_ENV of every environment, which is no business of a database. */
export const toSpawn = (environment: Environment): NodeJS.ProcessEnv => environment as NodeJS.ProcessEnv;
