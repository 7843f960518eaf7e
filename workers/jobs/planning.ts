/** Instruments from the brokers' dumps into the database, and from there the plan that collectors follow. */
import { type Client, connect } from '../../db/connect.ts';
import { findInstruments, storeSubscriptions, upsertInstruments } from '../../db/instruments.ts';
import { readDhanToken, readKiteToken } from '../../lib/auth/tokens.ts';
import type { Config } from '../../lib/config/config.ts';
import { FEEDS } from '../../lib/core/feeds.ts';
import { parseSlug } from '../../lib/core/instrument.ts';
import { writePlan } from '../../lib/net/plan-file.ts';
import type { Log } from '../../lib/obs/log.ts';
import { download, joinMasters, type MasterRow, parseDhanMaster, parseKiteMaster } from './masters.ts';
import { planFeeds } from './planner.ts';

/** Rows stored in one statement. */
const UPSERT_ROWS = 5000;
/** Underlyings whose nearest future is recorded where nobody has chosen. */
const DEFAULT_FUTURES = ['NIFTY', 'BANKNIFTY'];
/** A dump as small as this is the simulated exchange's: all of it is recorded. */
const RECORD_ALL_MAX = 100;

/** Loads the dumps of the brokers there are, and plans anew. @throws MasterError and what the database says */
export async function refreshPlan(config: Config, log: Log): Promise<void> {
  const available = {
    kite: config.kite.apiKey !== '' && 'token' in readKiteToken(config.tokenDir),
    dhan: config.dhan.clientId !== '' && 'token' in readDhanToken(config.tokenDir),
  };
  const kite = available.kite ? await parseKiteMaster(await downloadKite(config)) : [];
  const dhan = available.dhan ? await parseDhanMaster(await download(config.dhan.masterUrl)) : [];
  const { instruments, onlyKite, onlyDhan } = joinMasters(kite, dhan);
  log.info({ event: 'masters_loaded', kite: kite.length, dhan: dhan.length, onlyKite, onlyDhan });

  const client = await connect(config.databaseUrl, 'planning');
  try {
    for (let at = 0; at < instruments.length; at += UPSERT_ROWS) {
      await upsertInstruments(client, instruments.slice(at, at + UPSERT_ROWS));
    }
    await plan(client, config, choose(config, instruments, log), available, log);
  } finally {
    await client.end();
  }
}

async function plan(
  client: Client,
  config: Config,
  chosen: readonly MasterRow[],
  available: { kite: boolean; dhan: boolean },
  log: Log,
): Promise<void> {
  const wanted = await findInstruments(client, chosen);
  const next = planFeeds(wanted, available);
  const idOf = new Map(FEEDS.map(({ name, id }) => [name, id]));
  await storeSubscriptions(
    client,
    next.feeds.flatMap(({ feed, instruments }) =>
      instruments.map(({ id }) => ({ instrumentId: id, feedId: idOf.get(feed) as number })),
    ),
  );
  writePlan(config.dataDir, next);
  log.info({
    event: 'plan_written',
    feeds: next.feeds.map(({ feed, instruments }) => `${feed}: ${instruments.length}`),
  });
}

/** What to record, most important first. */
function choose({ instruments: names, simulated }: Config, all: readonly MasterRow[], log: Log): readonly MasterRow[] {
  if (names.length > 0) {
    return names.flatMap((name) => {
      const slug = parseSlug(name);
      const found = all.find(
        ({ exchange, symbol, kiteToken }) =>
          (slug && slug.exchange === exchange && slug.symbol === symbol) || String(kiteToken) === name,
      );
      if (!found) log.warn({ event: 'instrument_unknown', name });
      return found ?? [];
    });
  }
  if (simulated && all.length <= RECORD_ALL_MAX) return all;
  const today = new Date().toISOString().slice(0, 10);
  return DEFAULT_FUTURES.flatMap((underlying) => {
    const contracts = all.filter(
      ({ type, name, expiry }) => type === 'FUT' && name === underlying && (expiry ?? '') >= today,
    );
    return contracts.sort((a, b) => ((a.expiry ?? '') < (b.expiry ?? '') ? -1 : 1)).slice(0, 1);
  });
}

function downloadKite({ kite, tokenDir }: Config): Promise<string> {
  const answer = readKiteToken(tokenDir);
  const token = 'token' in answer ? answer.token.accessToken : '';
  return download(`${kite.apiUrl}/instruments`, {
    'X-Kite-Version': '3',
    Authorization: `token ${kite.apiKey}:${token}`,
  });
}
