/** The browser of the tests: Debian's Chromium. */
import { existsSync } from 'node:fs';
import type { Steps } from '../terminal/steps.ts';
import { messageOf, UserError } from '../user-error.ts';
import { runCommand } from './run-command.ts';

export const CHROMIUM = '/usr/bin/chromium';

/** Installs it where that is missing and we are root. @throws UserError that says what to type */
export async function provideChromium(steps: Steps): Promise<void> {
  if (existsSync(CHROMIUM)) return;
  if (process.getuid?.() !== 0) {
    throw new UserError('The browser tests need Chromium. Type: sudo apt-get install chromium');
  }
  await steps.step('installing Chromium', async () => {
    try {
      await runCommand('apt-get', ['update']);
      await runCommand('apt-get', ['install', '--yes', '--no-install-recommends', 'chromium']);
    } catch (error) {
      throw new UserError(`Chromium could not be installed; try: apt-get install chromium\n${messageOf(error)}`);
    }
  });
}
