/** The morning rehearsal as pages see it, and asking for one out of turn. */
import { lastRehearsals, type Rehearsal } from '../../db/rehearsals.ts';
import { askForJob, REHEARSAL_JOB } from '../queue/jobs.ts';
import type { Caller } from './access.ts';
import { audit } from './audit.ts';
import { services } from './context.ts';

const SHOWN = 30;

/** The last ones, newest first. */
export const rehearsals = (_caller: Caller): Promise<Rehearsal[]> => lastRehearsals(services().db, SHOWN);

/** Has the jobs worker run one now. One that is under way is not asked for again. */
export async function askRehearsal(caller: Caller): Promise<void> {
  caller.mustBe('owner');
  await askForJob(services().config.redisUrl, REHEARSAL_JOB, caller.name);
  await audit(caller, 'rehearsal_asked', 'by hand');
}
