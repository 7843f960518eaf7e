import { answering } from '../../../../lib/services/route.ts';
import { tileIndex } from '../../../../lib/services/tiles.ts';

export const GET = answering('/api/depth/tiles', tileIndex);
