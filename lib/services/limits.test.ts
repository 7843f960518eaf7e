import { beforeEach, expect, it } from 'vitest';
import { countAddress, countAttempt, forgetLimits } from './limits.ts';

beforeEach(forgetLimits);

it('S59: an address asks 400 times a second, whatever it asks for, and others are not held up', async () => {
  const answers = await Promise.allSettled(Array.from({ length: 500 }, () => countAddress('203.0.113.5')));
  const refused = answers.filter((answer) => answer.status === 'rejected').map(({ reason }) => reason);
  expect(refused).toHaveLength(100);
  expect(refused[0]).toMatchObject({ status: 429, retryAfterS: 1 });
  await countAddress('203.0.113.6');
});

it('gives back what was right', async () => {
  for (let i = 0; i < 30; i += 1) await (await countAttempt('203.0.113.5', 'Asha'))();
  for (let i = 0; i < 10; i += 1) await countAttempt('203.0.113.5', `name ${i}`);
  await expect(countAttempt('203.0.113.5', 'Asha')).rejects.toMatchObject({ status: 429 });
});
