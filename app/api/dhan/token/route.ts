import { PasteBody, pasteDhanToken } from '../../../../lib/services/broker-account.ts';
import { RequestError } from '../../../../lib/services/errors.ts';
import { change, route } from '../../../../lib/services/route.ts';

/** The predecessor gave the token to anybody here. */
export const GET = route({ role: 'viewer' }, async () => {
  throw new RequestError(
    403,
    'Not allowed',
    'Tokens are not given out over HTTP: on the machine itself ./gehra token dhan prints it.',
  );
});

export const POST = change({ role: 'owner', body: PasteBody }, async ({ caller, body }) =>
  Response.json(await pasteDhanToken(caller, body)),
);
