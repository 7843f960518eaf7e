/** What can go wrong between a person and a broker: a closed list, each with what happened and what to do, in words. */
import type { Broker } from './feeds.ts';

export const BROKER_NAMES: Readonly<Record<Broker, string>> = { kite: 'Kite', dhan: 'Dhan' };

interface Words {
  readonly happened: string;
  readonly toDo: string;
}

/** `{broker}` stands for the broker's name, `{secret}` for the variables that hold its secret. */
const PROBLEMS = {
  denied: {
    happened: 'Access was denied on the page of {broker}. Nothing has changed here.',
    toDo: 'Press Connect and allow the access, if that was not meant.',
  },
  state_missing: {
    happened: '{broker} sent somebody here who did not begin a login in this browser, so nothing was exchanged.',
    toDo: 'Begin with Connect on this page, in the browser in which you are signed in.',
  },
  state_foreign: {
    happened: 'This login to {broker} was begun in another browser or by somebody else, so nothing was exchanged.',
    toDo: 'Press Connect in this browser.',
  },
  state_used: {
    happened: 'This answer of {broker} was used before, so nothing was exchanged a second time.',
    toDo: 'If you are not connected, press Connect to begin anew.',
  },
  state_old: {
    happened: 'The login to {broker} was begun more than 10 minutes ago, or not here, so nothing was exchanged.',
    toDo: 'Press Connect and finish the login within 10 minutes.',
  },
  redirect_url: {
    happened:
      '{broker} sent you to another address of this server than the one configured, and the login was lost on the way.',
    toDo: 'Register the redirect URL that stands below at {broker}, then open this page at that address and press Connect.',
  },
  bad_callback: {
    happened: 'What {broker} sent cannot be read, so nothing was exchanged.',
    toDo: 'Press Connect to begin anew.',
  },
  request_token_expired: {
    happened: '{broker} says that its answer to the login was used or is too old.',
    toDo: 'Press Connect again; the way back from {broker} has to be finished within a few minutes.',
  },
  secret_wrong: {
    happened: '{broker} does not accept the key and secret that are configured here.',
    toDo: 'Compare {secret} with what {broker} shows, correct them, and start Gehra again.',
  },
  login_limit: {
    happened: '{broker} allows no further login today: a key has 25 a day.',
    toDo: 'Paste a token made on the page of {broker} instead, or wait until tomorrow.',
  },
  token_refused: {
    happened: '{broker} does not accept the token.',
    toDo: 'Press Connect to log in again.',
  },
  account_mismatch: {
    happened: '{broker} answered with another account than the one that belongs here. Nothing was changed.',
    toDo: 'Log in to {broker} with the same account. To change it, press Disconnect first for Kite; for Dhan enter its DHAN_CLIENT_ID in .env and start again.',
  },
  limit: {
    happened: '{broker} says that too much was asked of it (HTTP 429).',
    toDo: 'Wait a minute, then press Connect again.',
  },
  broker_error: {
    happened: '{broker} has a failure of its own.',
    toDo: 'Wait a little, then press Connect again. What was connected before stays connected.',
  },
  broker_timeout: {
    happened: '{broker} did not answer in time.',
    toDo: 'Wait a little, then press Connect again. What was connected before stays connected.',
  },
  broker_unreachable: {
    happened: '{broker} cannot be reached from this machine.',
    toDo: "Look at this machine's connection to the internet, then press Connect again.",
  },
  broker_answer: {
    happened: '{broker} gave an answer that cannot be read, or tried to lead elsewhere; it was not followed.',
    toDo: 'Wait a little, then press Connect again. If it stays so, report it.',
  },
  request_refused: {
    happened: '{broker} refuses what was asked of it.',
    toDo: 'Look whether the instrument is still listed and the time asked for lies within what {broker} keeps.',
  },
  no_data: {
    happened: '{broker} has nothing of the time that was asked for.',
    toDo: 'Ask for another time.',
  },
  not_configured: {
    happened: 'There is no key and secret of {broker} in the configuration, so nobody can log in here.',
    toDo: 'Set {secret} and start Gehra again, or paste a token.',
  },
  bad_token: {
    happened: 'What was pasted is no token that {broker} makes, or it has ended.',
    toDo: 'Copy the whole token from the page of {broker} and paste it again.',
  },
  newer_token: {
    happened: 'A newer token of {broker} than that of this login is here already. It is still used.',
    toDo: 'Somebody has logged in meanwhile, or the clock of this machine was wrong. If {broker} does not work, press Disconnect and then Connect.',
  },
  store_failed: {
    happened:
      'The login to {broker} went well, but the token could not be written to the disk. The old token is still used.',
    toDo: 'Make room, or make the token folder writable (GEHRA_TOKEN_DIR); then press Connect again.',
  },
} as const satisfies Record<string, Words>;

export type BrokerProblem = keyof typeof PROBLEMS;

export const isBrokerProblem = (text: string): text is BrokerProblem => Object.hasOwn(PROBLEMS, text);

const SECRETS: Readonly<Record<Broker, string>> = {
  kite: 'KITE_API_KEY and KITE_API_SECRET',
  dhan: 'DHAN_CLIENT_ID, DHAN_API_KEY and DHAN_API_SECRET',
};

export function problemWords(broker: Broker, problem: BrokerProblem): Words {
  const fill = (text: string): string =>
    text.replaceAll('{broker}', BROKER_NAMES[broker]).replaceAll('{secret}', SECRETS[broker]);
  const { happened, toDo } = PROBLEMS[problem];
  return { happened: fill(happened), toDo: fill(toDo) };
}
