/** `./gehra build`: builds, and says where the build is. */
import { build as makeBuild } from '../build/build.ts';
import { Steps } from '../terminal/steps.ts';

export async function build(): Promise<void> {
  const steps = new Steps();
  const dir = await steps.step('building', (say) => makeBuild(say, new AbortController().signal));
  steps.line(dir);
}
