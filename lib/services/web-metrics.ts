/** What a web process counts and measures. */
import { counter, gauge, histogram, SECONDS } from '../obs/metrics.ts';

export const streamClients = gauge('gehra_web_streams', 'Browsers listening to the live stream.');
export const messagesSent = counter('gehra_web_messages_total', 'Messages put together for browsers.');
export const messagesSkipped = counter(
  'gehra_web_skipped_messages_total',
  'Messages left out for browsers that did not keep up: they were given the newest of everything afterwards.',
);
export const hubSeconds = histogram(
  'gehra_web_hub_seconds',
  'From the receipt of a frame until the web process has it, in seconds.',
  SECONDS,
  ['feed'],
);
const answers = counter('gehra_web_answers_total', 'Answers to requests, by the class of their status.', ['status']);
const answerSeconds = histogram('gehra_web_answer_seconds', 'Time that answers took, without streams, in seconds.');

/** @param status of the answer @param ms that it took */
export function countAnswer(status: number, ms: number): void {
  answers.inc({ status: `${Math.floor(status / 100)}xx` });
  answerSeconds.observe(ms / 1000);
}
