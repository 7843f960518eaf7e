/** `./gehra test`: runs the stages, sums up, and ends with the line that CI reads. */

import { Steps } from '../terminal/steps.ts';
import { type Result, resultOfCommand } from '../test/result.ts';
import { LAST_STAGE, longStages, RESULTS_DIR, STAGES, type Stage, type StageContext } from '../test/stages.ts';
import { EXIT, messageOf, UserError } from '../user-error.ts';

/** So much of a failure's message is shown; the whole is in the log of its stage. */
const MESSAGE_LINES = 20;

export async function test(filters: readonly string[], { long }: { readonly long?: boolean }): Promise<void> {
  const steps = new Steps();
  const { stages, words } = choose(long ? longStages() : STAGES, filters);
  const results: Result[] = [];
  for (const stage of stages) results.push(await runStage(stage, { steps, words }));
  const anyRan = results.some(({ passed, failures }) => passed + failures.length > 0);
  results.push(await runStage(LAST_STAGE, { steps, words }));

  const failures = results.flatMap((result) => result.failures);
  const unsteady = results.flatMap((result) => result.unsteady);
  const skipped = results.flatMap((result) => result.skipped);
  const passed = results.reduce((sum, result) => sum + result.passed, 0);
  for (const { name, message } of failures) steps.line(`\nFAILED ${name}\n${indented(message)}`);
  for (const { name, message } of unsteady) {
    steps.line(`\nUNSTEADY ${name}: it passed when it was tried again\n${indented(message)}`);
  }
  for (const { name, reason } of skipped) steps.line(`\nSKIPPED ${name}\n    ${reason}`);
  if (!anyRan) {
    throw new UserError(`No test was run: none has ${words.join(' or ')} in its file name.`, EXIT.usage);
  }
  steps.line(`\nThe whole output of every stage is in ${RESULTS_DIR}.`);
  steps.line(`${passed} passed, ${failures.length} failed`);
  process.exitCode = failures.length > 0 ? EXIT.failed : 0;
}

/** Words that name stages pick those; the others hold the tests to files. Other words alone leave out the checks. */
function choose(all: readonly Stage[], filters: readonly string[]): { stages: readonly Stage[]; words: string[] } {
  const groups = new Set<string>(all.map(({ group }) => group));
  const picked = new Set(filters.filter((word) => groups.has(word)));
  const words = filters.filter((word) => !groups.has(word));
  const wanted =
    picked.size > 0 ? picked : words.length > 0 ? new Set(['unit', 'integration', 'system', 'e2e']) : groups;
  return { stages: all.filter(({ group }) => wanted.has(group)), words };
}

async function runStage(stage: Stage, context: StageContext): Promise<Result> {
  return context.steps.step(stage.name, async (say) => {
    const result = await stage.run(context).catch((error) => resultOfCommand(stage.name, 1, messageOf(error)));
    const counts = [`${result.passed} passed`, `${result.failures.length} failed`];
    if (result.unsteady.length > 0) counts.push(`${result.unsteady.length} unsteady`);
    if (result.skipped.length > 0) counts.push(`${result.skipped.length} skipped`);
    say(counts.join(', '));
    return result;
  });
}

function indented(message: string): string {
  const lines = message.trim().split('\n');
  const shown = lines.length > MESSAGE_LINES ? ['...', ...lines.slice(-MESSAGE_LINES)] : lines;
  return shown.map((line) => `    ${line}`).join('\n');
}
