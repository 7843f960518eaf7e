/** `./gehra token kite|dhan`: prints a broker's token, for scripts on this machine. */
import path from 'node:path';
import { tokenStateOf } from '../../lib/auth/token-state.ts';
import { readDhanToken, readKiteToken, type TokenAnswer } from '../../lib/auth/tokens.ts';
import { loadConfig } from '../../lib/config/config.ts';
import type { Broker } from '../../lib/core/feeds.ts';
import { FILES, readSettings } from '../instance/folder.ts';
import { UserError } from '../user-error.ts';

/** Who may read the token file, and nobody else, is given what stands in it. */
export function token(broker: Broker, dataDir: string): void {
  const simulated = readSettings(dataDir).market === 'simulated';
  const tokenDir = simulated ? path.join(dataDir, FILES.simulatedTokens) : tokenDirOf(dataDir);
  const { state, detail } = tokenStateOf(broker, { tokenDir }, Date.now());
  // Kite's simulated tokens of the demonstration have no end.
  if (state === 'missing' || state === 'damaged' || (state === 'expired' && !simulated)) {
    throw new UserError(`There is no token to give in ${tokenDir}: ${detail}.`);
  }
  const answer: TokenAnswer<{ accessToken: string }> =
    broker === 'kite' ? readKiteToken(tokenDir) : readDhanToken(tokenDir);
  if (!('token' in answer)) throw new UserError(`There is no token to give in ${tokenDir}: ${answer.missing}.`);
  process.stdout.write(`${answer.token.accessToken}\n`);
}

/** As a running instance of that folder has it: GEHRA_TOKEN_DIR, else the data folder. */
function tokenDirOf(dataDir: string): string {
  const config = loadConfig();
  return config.tokenDir === config.dataDir ? dataDir : config.tokenDir;
}
