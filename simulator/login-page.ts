/** The brokers' login pages: small, of one file, and fit for a phone. */
import type { ServerResponse } from 'node:http';

/** @param fields what the form carries on, by name */
export function sendLoginPage(
  response: ServerResponse,
  broker: string,
  action: string,
  fields: Readonly<Record<string, string>>,
): void {
  const hidden = Object.entries(fields).map(
    ([name, value]) => `<input type="hidden" name="${escaped(name)}" value="${escaped(value)}">`,
  );
  send(
    response,
    200,
    broker,
    `<p>Gehra asks for access to your ${broker} account, to read market data.</p>
<form method="post" action="${escaped(action)}">${hidden.join('')}
<button name="answer" value="allow">Log in as demo user</button>
<button name="answer" value="deny" class="quiet">Deny</button>
</form>`,
  );
}

export function sendNotice(response: ServerResponse, status: number, broker: string, words: string): void {
  send(response, status, broker, `<p role="alert">${escaped(words)}</p>`);
}

function send(response: ServerResponse, status: number, broker: string, body: string): void {
  response.writeHead(status, {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
  });
  response.end(`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${broker} login (simulated)</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; margin: 0; background: #f4f5f7; color: #1b1f24; }
main { max-width: 22rem; margin: 10vh auto 0; padding: 1.5rem; background: #fff; border-radius: 8px; }
h1 { font-size: 1.25rem; margin: 0 0 .5rem; }
button { display: block; width: 100%; min-height: 3rem; margin-top: .75rem; font: inherit; border-radius: 6px; border: 1px solid #1b4fa0; background: #1b4fa0; color: #fff; }
button.quiet { background: #fff; color: #1b4fa0; }
small { color: #565e6a; }
</style>
</head>
<body><main><h1>${broker} login</h1>${body}<p><small>This is the simulated exchange: no account, no money.</small></p></main></body>
</html>`);
}

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
