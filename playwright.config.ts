/**
 * The browser tests: `./gehra test e2e`, or `npx playwright test` with words of file and test names.
 *
 * Each worker has a running instance of its own (tests/e2e/support/instances.ts), so tests of different workers cannot
 * disturb each other; those of one worker run one after the other.
 */
import { defineConfig, type ViewportSize } from '@playwright/test';

/** Windows that pages are looked at in. */
export const DESK: ViewportSize = { width: 1600, height: 900 };
export const LAPTOP: ViewportSize = { width: 1024, height: 768 };
export const PHONE: ViewportSize = { width: 390, height: 844 };

export default defineConfig({
  testDir: 'tests/e2e',
  testMatch: '**/*.spec.ts',
  snapshotPathTemplate: 'tests/e2e/goldens/{arg}{ext}',
  // Its own folder: it is emptied at every start, and the reports of the other stages stand beside it.
  outputDir: 'test-results/e2e',
  // `./gehra test` names its own reporters on the command line.
  reporter: [['list'], ['json', { outputFile: 'test-results/e2e.json' }]],
  globalSetup: './tests/e2e/support/instances.ts',
  // Two cores, and a browser, an exchange, a database and a web process to each worker.
  workers: 2,
  fullyParallel: true,
  forbidOnly: true,
  // `./gehra test` tries once again and names what passed only then (scripts/test/stages.ts); by hand nothing is hidden.
  retries: 0,
  timeout: 90_000,
  expect: { timeout: 15_000 },
  use: {
    // The theme that is at home on a trading screen; tests/e2e/list/theme.spec.ts looks at the other one.
    colorScheme: 'dark',
    locale: 'en-IN',
    timezoneId: 'Asia/Kolkata',
    // Without its film strip: taking it costs more than the page under test.
    trace: { mode: 'retain-on-failure', screenshots: false, snapshots: true, sources: true },
    screenshot: 'only-on-failure',
    launchOptions: {
      executablePath: '/usr/bin/chromium',
      args: [
        '--no-sandbox',
        // Drawn by the processor, which without a GPU is 20 times faster than imitating one.
        '--disable-gpu',
        // Nothing may leave the machine.
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
  projects: [
    { name: 'api', testMatch: 'api/*.spec.ts' },
    { name: '1600x900', testIgnore: ['api/*', 'touch/*'], use: { viewport: DESK } },
    {
      name: '390x844',
      testMatch: 'touch/*.spec.ts',
      use: { viewport: PHONE, deviceScaleFactor: 2, hasTouch: true, isMobile: true },
    },
  ],
});
