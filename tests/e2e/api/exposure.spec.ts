/** What a running instance shows to the network it stands in. */
import { isLoopback, listeningOf } from '../../support/listening.ts';
import { expect, test } from '../support/fixtures.ts';

test('S100, S113: every part of an instance, the exchange too, listens on loopback alone', ({ instance }) => {
  const parts = instance.parts();
  expect(parts).toEqual(expect.arrayContaining(['postgres', 'redis', 'simulator', 'kite', 'dhan', 'web']));
  const listening = new Map(parts.map((name) => [name, listeningOf(instance.pid(name) as number)]));
  for (const name of ['postgres', 'redis', 'simulator', 'web']) expect(listening.get(name), name).not.toEqual([]);
  for (const [name, addresses] of listening) {
    expect(
      addresses.filter((address) => !isLoopback(address)),
      name,
    ).toEqual([]);
  }
});
