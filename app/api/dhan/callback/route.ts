import { finishDhanLogin } from '../../../../lib/services/broker-login.ts';
import { callbackRoute } from '../../../../lib/services/broker-routes.ts';

export const GET = callbackRoute('dhan', finishDhanLogin);
