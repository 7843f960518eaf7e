import { answerAuth } from '../../../../lib/services/next-auth.ts';
import { handler } from '../../../../lib/services/route.ts';

const answer = handler(answerAuth);

export { answer as DELETE, answer as GET, answer as PATCH, answer as POST, answer as PUT };
