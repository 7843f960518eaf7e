/**
 * The official Kite client in a process of its own, as it keeps its state in the module and may end its process: connects,
 * subscribes as told, and writes what happens to stdout, one JSON value a line.
 *
 * node official-kite.mjs <root> <api_key> <access_token> <tokens of quote mode> <tokens of full mode> <tokens of ltp mode>
 */
import { KiteTicker } from 'kiteconnect';

const [root, apiKey, accessToken, ...tokenLists] = process.argv.slice(2);
const [quote = [], full = [], ltp = []] = tokenLists.map((list) => list.split(',').filter(Boolean).map(Number));
const say = (event, data = null) => process.stdout.write(`${JSON.stringify({ event, data })}\n`);

const ticker = new KiteTicker({ api_key: apiKey, access_token: accessToken, root });
ticker.on('connect', () => {
  ticker.subscribe([...quote, ...full, ...ltp]);
  if (full.length > 0) ticker.setMode(ticker.modeFull, full);
  if (ltp.length > 0) ticker.setMode(ticker.modeLTP, ltp);
  say('connect');
});
ticker.on('ticks', (ticks) => say('ticks', ticks));
for (const event of ['disconnect', 'error', 'close', 'reconnect', 'noreconnect', 'order_update']) {
  ticker.on(event, () => say(event));
}
ticker.connect();
