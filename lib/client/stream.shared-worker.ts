/** The worker that all tabs of a browser share: it has their one connection to the live stream. */
import { makeHub, serveTab } from './hub-tabs.ts';

const hub = makeHub(self.location.origin);

self.addEventListener('connect', (event) => {
  const [port] = (event as MessageEvent).ports;
  if (port) serveTab(hub, port);
});
