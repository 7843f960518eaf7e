import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { shellAssignments } from './shell.ts';

it.each(['plain', '', "it's", 'a b\tc', '$HOME `id` $(id) \\ " ! * ~ # ; & |', "'; touch /tmp/x; '", 'line\nbreak'])(
  'a shell reads %j back as it was',
  (value) => {
    const script = `${shellAssignments({ VALUE: value })}printf %s "$VALUE"`;
    expect(execFileSync('/bin/sh', ['-c', script], { encoding: 'utf8' })).toBe(value);
  },
);
