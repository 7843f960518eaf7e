import { openApiDocument } from '../../../lib/api/openapi.ts';
import { json, route } from '../../../lib/services/route.ts';

export const GET = route({ role: 'viewer' }, async () => json(openApiDocument()));
