/**
 * An instance that asks for a sign-in, as a real market's does: started when the first test of a worker wants it, with an
 * owner and a viewer in it.
 */
import { type APIRequestContext, expect, type Page, test } from '@playwright/test';
import { gehra } from '../../support/gehra.ts';
import { Instance } from '../../support/instance.ts';

const START_MS_MAX = 180_000;
export const PASSWORD = 'correct horse battery';
export type Name = 'Asha' | 'Vik';

export class SignInServer {
  private started: Promise<Instance> | null = null;

  /** A market that nobody looks at closely is a slow one. */
  instance(): Promise<Instance> {
    if (!this.started) {
      // The test that happens to be the first waits for the start too.
      test.info().setTimeout(test.info().timeout + START_MS_MAX);
      this.started = start();
    }
    return this.started;
  }

  async address(path = ''): Promise<string> {
    return `${(await this.instance()).appUrl}${path}`;
  }

  /** Signs a browser in. */
  async signIn(page: Page, name: Name, password = PASSWORD): Promise<void> {
    await signIn(page.request, await this.address(), name, password);
  }

  /** A one-time link, as the owner of the machine gets it. */
  async link(name?: string): Promise<string> {
    const { dataDir } = await this.instance();
    const { stdout, stderr, code } = await gehra([
      'sign-in-link',
      '--data',
      dataDir,
      ...(name ? ['--name', name] : []),
    ]);
    if (code !== 0) throw new Error(stderr);
    return stdout.split('\n')[0] ?? '';
  }

  /** Kills the web process, and waits for the one that takes its place. */
  async restartWeb(): Promise<void> {
    const instance = await this.instance();
    const restarts = instance.restarts('web');
    process.kill(instance.pid('web') as number, 'SIGKILL');
    await expect.poll(() => instance.restarts('web')).toBeGreaterThan(restarts);
    const isReady = () =>
      fetch(`${instance.appUrl}/api/health/ready`).then(
        ({ ok }) => ok,
        () => false,
      );
    await expect.poll(isReady, { timeout: 30_000 }).toBe(true);
  }

  async stop(): Promise<void> {
    await (await this.started?.catch(() => null))?.stop();
  }
}

/** An instance with sign-in, its owner Asha and its viewer Vik. */
export async function start(): Promise<Instance> {
  const instance = await Instance.start(['--seed', '1', '--frames', '2'], { DEMO_SIGN_IN: '1' });
  const link = /^http\S+\/setup\?code=\S+$/m.exec(instance.said)?.[0];
  if (!link) throw new Error(`./gehra up printed no link:\n${instance.said}`);
  await spend(link, 'Asha');
  const invited = await post(instance.appUrl, '/api/people', { role: 'viewer' }, await ownerCookie(instance.appUrl));
  await spend(`${instance.appUrl}${((await invited.json()) as { path: string }).path}`, 'Vik');
  return instance;
}

async function spend(link: string, name: string): Promise<void> {
  const { origin, searchParams } = new URL(link);
  await post(origin, '/api/setup', { code: searchParams.get('code'), name, password: PASSWORD });
}

/** Signs the owner in. @returns the value of a Cookie header */
export async function ownerCookie(origin: string): Promise<string> {
  const csrf = await fetch(`${origin}/api/auth/csrf`);
  const cookies = csrf.headers.getSetCookie().map((line) => line.split(';')[0]);
  const { csrfToken } = (await csrf.json()) as { csrfToken: string };
  const body = { csrfToken, name: 'Asha', password: PASSWORD, json: 'true' };
  const answer = await post(origin, '/api/auth/callback/credentials', body, cookies.join('; '));
  return answer.headers
    .getSetCookie()
    .map((line) => line.split(';')[0])
    .join('; ');
}

async function post(origin: string, path: string, body: object, cookie = ''): Promise<Response> {
  const answer = await fetch(`${origin}${path}`, {
    method: 'POST',
    headers: { origin, cookie, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${path}: HTTP ${answer.status} ${await answer.text()}`);
  return answer;
}

/** Signs in without the page, which has tests of its own. */
export async function signIn(
  request: APIRequestContext,
  origin: string,
  name: string,
  password: string,
): Promise<void> {
  const { csrfToken } = (await (await request.get(`${origin}/api/auth/csrf`)).json()) as { csrfToken: string };
  const answer = await request.post(`${origin}/api/auth/callback/credentials`, {
    headers: { origin },
    data: { csrfToken, name, password, json: 'true' },
  });
  if (!answer.ok()) throw new Error(`${name} cannot sign in: HTTP ${answer.status()} ${await answer.text()}`);
}
