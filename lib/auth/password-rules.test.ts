import { expect, it } from 'vitest';
import { passwordFault } from './password-rules.ts';

it.each([
  'tr0ub4dö',
  'correct horse battery',
  '0123456789abcdef'.repeat(4),
  'गहरा पानी शांत बहता है',
  '🙂🙃😉😊😇🥰😍🤩',
  `ab1 ${'z'.repeat(124)}`,
])('S33: takes %s', async (password) => {
  expect(await passwordFault(password, 'Asha')).toBeNull();
});

it.each([
  ['seven 7', 'at least 8'],
  ['🙂🙃😉😊😇🥰😍', 'at least 8'],
  [`ab1 ${'z'.repeat(125)}`, 'at most 128'],
  ['password', 'tried first'],
  ['PassWord1', 'tried first'],
  ['qwertyuiop', 'tried first'],
  ['aaaaaaaaaaaa', 'over and over'],
  ['Asha Kumar', 'easy to guess'],
  ['gehra12345', 'easy to guess'],
])('S33: refuses %s', async (password, why) => {
  expect(await passwordFault(password, 'asha kumar')).toContain(why);
});

it('S33: refuses all of the three thousand that are tried first', async () => {
  const { dictionary } = await import('@zxcvbn-ts/language-common');
  const known = dictionary['passwords-common'].filter((password) => password.length >= 8).slice(0, 3000);
  expect(known.length).toBe(3000);
  for (const password of known) expect(await passwordFault(password, 'Asha'), password).not.toBeNull();
});
