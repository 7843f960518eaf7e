import { account } from '../../../lib/services/account.ts';
import { json, route } from '../../../lib/services/route.ts';

export const GET = route({ role: 'viewer' }, async ({ caller }) => json(await account(caller)));
