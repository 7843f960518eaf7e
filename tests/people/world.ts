/** What the tests of signing in share: a database with an owner and a viewer, a clock that can be turned. */
import pino from 'pino';
import { inject } from 'vitest';
import { migrate } from '../../db/migrate.ts';
import { forgetLimits } from '../../lib/services/limits.ts';
import { createDatabase } from '../support/servers.ts';
import { startTestServices } from '../support/services.ts';
import { addTestPerson } from '../support/visitor.ts';

export const AUTH_SECRET = 'a secret of tests that has 32 characters and more';
export const log = pino({ level: 'silent' });

export class World {
  private turnedMs = 0;

  private constructor(
    readonly databaseUrl: string,
    private readonly end: () => Promise<void>,
  ) {}

  /** @param environment of the web process */
  static async begin(environment: Record<string, string> = {}): Promise<World> {
    const database = await createDatabase(inject('postgresUrl'));
    await migrate(database.url, log);
    let world: World | null = null;
    const { stop } = await startTestServices(
      database.url,
      log,
      { GEHRA_SIMULATED: '0', AUTH_SECRET, ...environment },
      () => Date.now() + (world?.turnedMs ?? 0),
    );
    world = new World(database.url, async () => {
      await stop();
      await database.drop();
    });
    forgetLimits();
    await addTestPerson('Asha', 'owner');
    await addTestPerson('Vik', 'viewer');
    return world;
  }

  /** Lets time pass. */
  turn(ms: number): void {
    this.turnedMs += ms;
  }

  /** The clock as it is, and nobody limited. */
  calm(): void {
    this.turnedMs = 0;
    forgetLimits();
  }

  stop(): Promise<void> {
    return this.end();
  }
}
