import { expect, it } from 'vitest';
import { databaseParts } from './env.ts';

it('takes an address apart, with what is encoded in it', () => {
  expect(databaseParts('postgres://us%40er:p%2Fw%3A@db.example:6543/my%20db')).toEqual({
    DB_HOST: 'db.example',
    DB_PORT: '6543',
    DB_NAME: 'my db',
    DB_USER: 'us@er',
    DB_PASSWORD: 'p/w:',
  });
});

it("takes PostgreSQL's own port where none is given, and an IPv6 address without its brackets", () => {
  expect(databaseParts('postgresql://u@[::1]/d')).toMatchObject({ DB_HOST: '::1', DB_PORT: '5432', DB_PASSWORD: '' });
});
