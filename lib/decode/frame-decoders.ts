/** Which decoder a feed's frames take: the one answer for the collectors and for a journal that is gone through again. */
import type { Feed } from '../core/feeds.ts';
import { DhanDepthDecoder } from './dhan-depth.ts';
import { DhanLiveDecoder } from './dhan-live.ts';
import type { FrameDecoder } from './feed-decoder.ts';
import { KiteDecoder } from './kite.ts';

export function newFrameDecoder({ kind }: Feed): FrameDecoder {
  switch (kind) {
    case 'ticks':
      return new KiteDecoder();
    case 'live':
      return new DhanLiveDecoder();
    case 'depth20':
      return new DhanDepthDecoder(20);
    case 'depth200':
      return new DhanDepthDecoder(200);
  }
}
