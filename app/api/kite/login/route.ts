import { loginRoute } from '../../../../lib/services/broker-routes.ts';

export const GET = loginRoute('kite');
