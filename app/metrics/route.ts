import { metricsText } from '../../lib/services/metrics.ts';
import { route } from '../../lib/services/route.ts';

export const GET = route({ role: 'viewer' }, async ({ caller }) => {
  const { contentType, text } = await metricsText(caller);
  return new Response(text, { headers: { 'content-type': contentType, 'cache-control': 'no-store' } });
});
