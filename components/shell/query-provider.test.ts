import { onlineManager } from '@tanstack/react-query';
import { afterEach, expect, it } from 'vitest';
import { makeClient } from './query-provider.tsx';

afterEach(() => onlineManager.setOnline(true));

it('asks and changes also where the browser calls itself offline, which our own machine is not', async () => {
  onlineManager.setOnline(false);
  const client = makeClient();
  const changing = client.getMutationCache().build(client, { mutationFn: async () => 'changed' });
  expect(await client.fetchQuery({ queryKey: ['prices'], queryFn: () => 'prices' })).toBe('prices');
  expect(await changing.execute(undefined)).toBe('changed');
});
