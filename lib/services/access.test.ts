import { expect, it } from 'vitest';
import { Caller, demoIsOpen } from './access.ts';

const DEMO = { simulated: true, host: '127.0.0.1' };
const asked = (headers: Record<string, string>): Headers => new Headers({ host: '127.0.0.1:3000', ...headers });

it('opens the demo to who sits at this machine', () => {
  for (const host of ['127.0.0.1:3000', 'localhost:3000', 'localhost', '[::1]:3000']) {
    expect(demoIsOpen(DEMO, new Headers({ host })), host).toBe(true);
  }
});

it('keeps it closed on other addresses, behind a proxy, under other names, and beside a real market', () => {
  expect(demoIsOpen({ ...DEMO, host: '0.0.0.0' }, asked({}))).toBe(false);
  expect(demoIsOpen({ ...DEMO, simulated: false }, asked({}))).toBe(false);
  for (const name of ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-real-ip', 'via']) {
    expect(demoIsOpen(DEMO, asked({ [name]: '127.0.0.1' })), name).toBe(false);
  }
  for (const host of ['gehra.example', '127.0.0.1.evil.example', 'evil.example:3000', '']) {
    expect(demoIsOpen(DEMO, new Headers({ host })), host).toBe(false);
  }
  expect(demoIsOpen(DEMO, new Headers())).toBe(false);
});

it('lets nobody else make a caller', () => {
  expect(() => new Caller(Symbol('proof') as never, 'demo', 'Mallory', 'owner')).toThrow('made by callerOf alone');
});
