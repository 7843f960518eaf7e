/** From the socket into a Redis stream: the stamp of receipt, the side, its levels; nothing else. */
import { Redis } from 'ioredis';
import WebSocket from 'ws';
import { DhanDepthBatch, decodeDhanDepth } from '../../lib/wire/dhan-depth.ts';
import { childOptions, say } from '../support/child.ts';

export interface BareCollectorOptions {
  readonly exchangeUrl: string;
  readonly redisUrl: string;
  readonly stream: string;
}

const { exchangeUrl, redisUrl, stream } = childOptions<BareCollectorOptions>();
const redis = new Redis(redisUrl);
const batch = new DhanDepthBatch();
const socket = new WebSocket(exchangeUrl);
socket.on('open', () => say({ ready: true }));
socket.on('message', (frame: Buffer) => {
  const stampUs = Math.round((performance.timeOrigin + performance.now()) * 1000);
  decodeDhanDepth(frame, 200, batch);
  const [packet] = batch.packets;
  if (batch.count !== 1 || !packet) throw new Error(`${batch.count} packets in a frame of one`);
  const { levels, side } = packet;
  // float64 stamp, int32 side and count, then prices and quantities.
  const bytes = Buffer.alloc(16 + levels.count * 8);
  bytes.writeDoubleLE(stampUs, 0);
  bytes.writeInt32LE(side, 8);
  bytes.writeInt32LE(levels.count, 12);
  for (let i = 0; i < levels.count; i += 1) {
    bytes.writeInt32LE(levels.prices[i] as number, 16 + i * 4);
    bytes.writeInt32LE(levels.quantities[i] as number, 16 + (levels.count + i) * 4);
  }
  void redis.xadd(stream, 'MAXLEN', '~', 10_000, '*', 'b', bytes);
});
