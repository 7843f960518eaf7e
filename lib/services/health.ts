/** Whether this web process can do its work. */

import { positionOf } from '../../db/depth.ts';
import type { Config } from '../config/config.ts';
import { services } from './context.ts';

export interface Readiness {
  readonly ready: boolean;
  /** By dependency: null where it answers, else why not. */
  readonly dependencies: Readonly<Record<'database' | 'redis', string | null>>;
}

export async function readiness(): Promise<Readiness> {
  const { db, redis } = services();
  const [database, queue] = await Promise.all([reason(positionOf(db, 0)), reason(redis.ping())]);
  return { ready: database === null && queue === null, dependencies: { database, redis: queue } };
}

async function reason(answer: Promise<unknown>): Promise<string | null> {
  try {
    await answer;
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Kinds of process that a whole installation has, as they name themselves. */
export function expectedProcesses({ kite, dhan }: Config): string[] {
  return [
    ...(kite.apiKey === '' ? [] : ['kite']),
    ...(dhan.clientId === '' ? [] : ['dhan']),
    'writer',
    'signals',
    'jobs',
    'web',
  ];
}
