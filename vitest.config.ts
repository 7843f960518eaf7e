import { defineConfig } from 'vitest/config';

/** Where tests stand beside the code. */
const CODE = '{lib,collectors,workers,simulator,db,scripts,bench,components}';
/** Those that need a real PostgreSQL or Redis. */
const INTEGRATION = `${CODE}/**/*.integration.test.ts`;
/** Those that run whole instances under load: one at a time (scripts/test/stages.ts). */
const SYSTEM = 'tests/system/**/*.test.ts';
/** A message that was cut off cannot be made to happen again: what failed on another machine is read only there. */
const shared = { chaiConfig: { truncateThreshold: 4000 } };
const servers = { globalSetup: 'tests/support/servers.ts', testTimeout: 60_000, hookTimeout: 120_000 };

export default defineConfig({
  test: {
    passWithNoTests: false,
    projects: [
      {
        // They wait for nothing: the limit catches an endless loop, and must not catch a busy machine.
        test: {
          ...shared,
          name: 'unit',
          include: [`${CODE}/**/*.test.ts`],
          exclude: [INTEGRATION],
          testTimeout: 60_000,
        },
      },
      {
        test: {
          ...shared,
          name: 'integration',
          include: [INTEGRATION, 'tests/**/*.test.ts'],
          exclude: [SYSTEM],
          ...servers,
        },
      },
      { test: { ...shared, name: 'system', include: [SYSTEM], ...servers } },
    ],
  },
});
