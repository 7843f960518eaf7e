/** `./gehra sign-in-link`: a link for who has no password yet, or has forgotten it. */
import { loadConfig } from '../../lib/config/config.ts';
import { signInLink } from '../instance/sign-in.ts';
import { readRunningState } from '../instance/state.ts';
import { UserError } from '../user-error.ts';

interface LinkOf {
  readonly appUrl: string;
  readonly databaseUrl: string;
  /** Whose; undefined: the one owner's. */
  readonly name: string | undefined;
}

export async function printSignInLink(dataDir: string, name: string | undefined): Promise<void> {
  const state = readRunningState(dataDir);
  const config = loadConfig();
  const appUrl = config.appUrlIsGiven ? config.appUrl : (state?.appUrl ?? config.appUrl);
  const databaseUrl = config.databaseDirectUrl || state?.databaseDirectUrl || state?.databaseUrl;
  if (!appUrl || !databaseUrl) {
    throw new UserError(`No instance is ready in ${dataDir}. Start one with: ./gehra up --data '${dataDir}'`);
  }
  await printLink({ appUrl, databaseUrl, name });
}

/** Prints the link, and what it does. */
export async function printLink({ appUrl, databaseUrl, name }: LinkOf): Promise<void> {
  const { path, person } = await signInLink(databaseUrl, name, Date.now());
  const what =
    person === null ? 'makes you the owner' : `lets ${person} choose a new password, and switches a second factor off`;
  process.stdout.write(`${appUrl}${path}\nOpen it within 15 minutes; it works once and ${what}.\n`);
}
