/** Takes messages from a durable queue, acknowledges each, and says when it has had `messages` of them. */
import { connect } from 'amqplib';
import { childOptions, say } from '../support/child.ts';

export interface AmqplibConsumerOptions {
  readonly url: string;
  readonly queue: string;
  readonly messages: number;
  readonly prefetch: number;
}

const { url, queue, messages, prefetch } = childOptions<AmqplibConsumerOptions>();
const connection = await connect(url);
const channel = await connection.createChannel();
await channel.assertQueue(queue, { durable: true });
await channel.prefetch(prefetch);
let done = 0;
await channel.consume(queue, (message) => {
  if (!message) throw new Error('the queue was removed');
  channel.ack(message);
  done += 1;
  if (done === messages) say({ messages: done });
});
say({ ready: true });
process.once('SIGTERM', () => void connection.close().then(() => process.exit(0)));
