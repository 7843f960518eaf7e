/** A login to a broker as a browser makes it, without one: our address, the broker's page, our callback. */

/** @returns when the callback was answered, ms since the epoch @throws where it does not end connected */
export async function logIn(appUrl: string, broker: 'kite' | 'dhan'): Promise<number> {
  const begun = await fetch(`${appUrl}/api/${broker}/login`, { redirect: 'manual' });
  const [cookie = ''] = (begun.headers.get('set-cookie') ?? '').split(';');
  const page = begun.headers.get('location') ?? '';
  const html = await (await fetch(page)).text();
  const action = /action="([^"]+)"/.exec(html)?.[1] ?? '';
  const [, name = '', value = ''] = /name="(\w+)" value="([^"]*)"/.exec(html) ?? [];
  const allowed = await fetch(new URL(action, page), {
    method: 'POST',
    body: new URLSearchParams({ [name]: value.replaceAll('&amp;', '&'), answer: 'allow' }),
    redirect: 'manual',
  });
  // Dhan puts a slash before its parameters, from which our server leads on.
  const back = (allowed.headers.get('location') ?? '').replace('/?', '?');
  const answer = await fetch(back, { headers: { cookie }, redirect: 'manual' });
  if (answer.status !== 303) throw new Error(`the callback answered ${answer.status}`);
  return Date.now();
}
