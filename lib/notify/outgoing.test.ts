import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Message, send, signatureOf, slackBody } from './channels.ts';
import { isPublicAddress, OutgoingError, postJson } from './outgoing.ts';

const SECRET = 'canary0123456789';
const MESSAGE: Message = { level: 'fail', title: 'Not ready', detail: 'Kite <token> & more', link: 'http://g/x' };

let server: Server;
let base: string;
let asked: { path: string; headers: IncomingHttpHeaders; body: string }[];
let answer: (request: IncomingMessage, response: ServerResponse) => void;

beforeEach(async () => {
  asked = [];
  answer = (_request, response) => response.end('ok');
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      asked.push({ path: request.url ?? '', headers: request.headers, body });
      answer(request, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const simulated = { allowLoopback: true };
const real = { allowLoopback: false };
const fault = (promise: Promise<unknown>): Promise<OutgoingError> =>
  promise.then(
    () => expect.fail('it was sent'),
    (error) => {
      expect(error).toBeInstanceOf(OutgoingError);
      expect(String(error.stack)).not.toContain(SECRET);
      return error;
    },
  );

it('lets the simulated market send to this machine, and nowhere else that a real one may not', async () => {
  for (const address of ['http://example.com/x', 'https://192.168.1.1/x', 'http://169.254.169.254/']) {
    await fault(postJson(address, {}, simulated));
  }
  expect((await postJson(base, {}, simulated)).status).toBe(200);
  await fault(postJson(base, {}, real));
});

it('ends with an error where the server answers with another protocol, or with nothing', {
  timeout: 20_000,
}, async () => {
  answer = (_request, response) =>
    response.socket?.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n');
  expect((await fault(postJson(base, {}, simulated))).message).toBe('127.0.0.1 answered with another protocol');
  answer = (_request, response) => response.socket?.end();
  await fault(postJson(base, {}, simulated));
});

describe('what may be sent to', () => {
  it.each([
    ['127.0.0.1', false],
    ['10.1.2.3', false],
    ['172.31.0.1', false],
    ['172.32.0.1', true],
    ['192.168.1.1', false],
    ['169.254.169.254', false],
    ['100.64.0.1', false],
    ['0.0.0.0', false],
    ['224.0.0.1', false],
    ['255.255.255.255', false],
    ['::1', false],
    ['::', false],
    ['fe80::1', false],
    ['fd00::1', false],
    ['::ffff:127.0.0.1', false],
    ['64:ff9b::7f00:1', false],
    ['64:ff9b:1::7f00:1', false],
    ['fec0::1', false],
    ['2001:0:7f00:1::', false],
    ['2002:7f00:1::', false],
    ['::7f00:1', false],
    ['::ffff:0:127.0.0.1', false],
    ['2001:db8::1', false],
    ['3fff::1', false],
    ['192.0.2.1', false],
    ['192.88.99.1', false],
    ['198.18.0.1', false],
    ['198.51.100.1', false],
    ['203.0.113.1', false],
    ['240.0.0.1', false],
    ['2001:4860:4860::8888', true],
    ['3ffe::1', true],
    ['8.8.8.8', true],
    ['2606:4700::1111', true],
    ['no address', false],
  ])('%s: public %s', (address, isPublic) => {
    expect(isPublicAddress(address)).toBe(isPublic);
  });

  it.each([
    'https://127.0.0.1/x',
    'https://[::1]/x',
    'https://[::ffff:7f00:1]/x',
    'https://2130706433/x',
    'https://0x7f.1/x',
    'https://localhost/x',
    'https://169.254.169.254/latest/meta-data',
  ])('refuses %s, however it is written', async (address) => {
    expect((await fault(postJson(address, {}, real))).message).toMatch(
      /address of this machine or of a private network/,
    );
  });

  it.each([
    ['http://example.com/x', 'https://'],
    ['ftp://example.com/x', 'https://'],
    ['gibberish', 'no address'],
    ['https://user:pass@example.com/', 'no user and password'],
  ])('refuses %s', async (address, words) => {
    const refused = Promise.resolve().then(() => postJson(address, {}, real));
    expect((await fault(refused)).message).toContain(words);
    expect(asked).toEqual([]);
  });
});

describe('answers', () => {
  it('follows no redirect', async () => {
    answer = (_request, response) => response.writeHead(302, { location: `${base}/elsewhere` }).end();
    expect((await fault(postJson(`${base}/${SECRET}`, {}, simulated))).message).toContain('redirect');
    expect(asked.map(({ path }) => path)).toEqual([`/${SECRET}`]);
  });

  it('gives up on a server that says nothing, and on one that is not there, without naming the address', async () => {
    answer = () => undefined;
    const silent = postJson(`${base}/${SECRET}`, {}, { allowLoopback: true, timeoutMs: 50 });
    expect((await fault(silent)).message).toBe('127.0.0.1 did not answer within 0.05 s');
    expect((await fault(postJson(`http://127.0.0.1:1/${SECRET}`, {}, simulated))).message).toContain('refused');
  });

  it('knows whether a message that got no answer may have arrived', async () => {
    answer = () => undefined;
    const silent = postJson(base, {}, { allowLoopback: true, timeoutMs: 50 });
    expect((await fault(silent)).mayHaveArrived).toBe(true);
    answer = (_request, response) => response.socket?.destroy();
    expect((await fault(postJson(base, {}, simulated))).mayHaveArrived).toBe(true);
    answer = (_request, response) => response.writeHead(302, { location: base }).end();
    expect((await fault(postJson(base, {}, simulated))).mayHaveArrived).toBe(false);
    for (const address of ['http://127.0.0.1:1/', 'https://169.254.169.254/']) {
      expect((await fault(Promise.resolve().then(() => postJson(address, {}, simulated)))).mayHaveArrived).toBe(false);
    }
  });

  it('takes the status of an answer that breaks off, or never ends, as the answer', async () => {
    answer = (_request, response) => {
      response.writeHead(200, { 'content-length': 100 });
      response.write('ok', () => response.destroy());
    };
    expect(await postJson(base, {}, simulated)).toEqual({ status: 200, text: 'ok' });
    answer = (_request, response) => response.writeHead(500).write('no_service');
    expect(await postJson(base, {}, { ...simulated, timeoutMs: 300 })).toEqual({ status: 500, text: 'no_service' });
  });

  it('reads no more than a little of an endless answer', async () => {
    answer = (_request, response) => response.end('x'.repeat(1_000_000));
    expect((await postJson(base, {}, simulated)).text).toHaveLength(16 * 1024);
  });
});

describe('channels', () => {
  it.each([
    [500, false],
    [502, true],
    [404, false],
    [504, true],
  ])('that answer %i may have taken the message: %s', async (status, mayHaveArrived) => {
    answer = (_request, response) => response.writeHead(status).end();
    const settings = { slack: { webhookUrl: base }, telegram: { botToken: '1:a', chatId: '1' } } as const;
    for (const channel of ['slack', 'telegram'] as const) {
      const sent = send(channel, settings[channel], MESSAGE, { telegramUrl: base, allowLoopback: true });
      expect((await fault(sent)).mayHaveArrived, channel).toBe(mayHaveArrived);
    }
  });

  it('sign the bytes of a message and say when, and name it alike each time, where they are to', async () => {
    const told = { ...MESSAGE, idempotencyKey: 'alert-1-w.1' };
    const outside = { telegramUrl: base, allowLoopback: true, nowMs: () => 1_795_000_000_999 };
    await send('slack', { webhookUrl: base, signingKey: SECRET }, told, outside);
    await send('slack', { webhookUrl: base }, MESSAGE, outside);
    const body = Buffer.from(JSON.stringify(slackBody(told)));
    expect(asked[0]?.headers).toMatchObject({
      'idempotency-key': 'alert-1-w.1',
      'x-gehra-signature': signatureOf(SECRET, 1_795_000_000, body),
    });
    for (const header of ['idempotency-key', 'x-gehra-signature']) {
      expect(asked[1]?.headers).not.toHaveProperty(header);
    }
    // By openssl dgst -sha256 -hmac key, of `5.{}`.
    const hex = '9be615aec64f0d044b5ad6854ab1d893ec88617fb728d2149dcd3a3428e8c45d';
    expect(signatureOf('key', 5, Buffer.from('{}'))).toBe(`t=5,v1=${hex}`);
  });

  const outside = () => ({ telegramUrl: base, allowLoopback: true });

  it('writes to a webhook as Slack wants it', async () => {
    await send('slack', { webhookUrl: `${base}/hook/${SECRET}` }, MESSAGE, outside());
    expect(JSON.parse(asked[0]?.body ?? '')).toEqual(slackBody(MESSAGE));
    expect(slackBody(MESSAGE)).toMatchObject({
      text: 'Not ready: Kite <token> & more',
      blocks: [{ type: 'section', text: { type: 'mrkdwn' } }],
    });
    expect(JSON.stringify(slackBody(MESSAGE))).toContain('Kite &lt;token&gt; &amp; more');
  });

  it('writes to a Telegram chat', async () => {
    await send('telegram', { botToken: `123456:${SECRET}`, chatId: '-100' }, MESSAGE, outside());
    expect(asked[0]?.path).toBe(`/bot123456:${SECRET}/sendMessage`);
    expect(JSON.parse(asked[0]?.body ?? '')).toMatchObject({
      chat_id: '-100',
      text: expect.stringContaining('Not ready'),
    });
  });

  it.each([
    [401, '', /enter its token as BotFather gives it/],
    [403, '', /press Start/],
    [400, '{"ok":false,"description":"Bad Request: chat not found"}', /no such chat/],
    [500, SECRET, /status 500$/],
  ])('says what to do when Telegram answers %s', async (status, body, words) => {
    answer = (_request, response) => response.writeHead(status).end(body);
    const sent = send('telegram', { botToken: `123456:${SECRET}`, chatId: '1' }, MESSAGE, outside());
    expect((await fault(sent)).message).toMatch(words);
  });

  it.each([
    [404, 'no_service', /status 404 \(no_service\): make a new webhook/],
    [500, `<html>${SECRET}`, /status 500$/],
  ])('says what to do when a webhook answers %s', async (status, body, words) => {
    answer = (_request, response) => response.writeHead(status).end(body);
    expect((await fault(send('slack', { webhookUrl: `${base}/${SECRET}` }, MESSAGE, outside()))).message).toMatch(
      words,
    );
  });
});
