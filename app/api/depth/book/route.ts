import { bookAt } from '../../../../lib/services/book.ts';
import { answering } from '../../../../lib/services/route.ts';

export const GET = answering('/api/depth/book', bookAt);
