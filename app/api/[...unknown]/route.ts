/** Every address below /api that leads nowhere: told to a script in a form that it reads, instead of with a page. */
import { z } from 'zod';
import { RequestError } from '../../../lib/services/errors.ts';
import { route } from '../../../lib/services/route.ts';

const nowhere = route({ role: 'viewer', query: z.looseObject({}) }, async ({ request }) => {
  throw new RequestError(404, 'Not found', `There is nothing at ${new URL(request.url).pathname}.`);
});

export { nowhere as DELETE, nowhere as GET, nowhere as PATCH, nowhere as POST, nowhere as PUT };
