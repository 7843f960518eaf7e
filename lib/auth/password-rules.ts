/** Which passwords are refused, after NIST SP 800-63B: short ones and known ones. No rule asks for kinds of characters. */

const CHARACTERS_MIN = 8;
const CHARACTERS_MAX = 128;

/** Why a password cannot be used, in words for who chose it; null where it can. @param name of the person */
export async function passwordFault(password: string, name: string): Promise<string | null> {
  const characters = [...password].length;
  if (characters < CHARACTERS_MIN)
    return `A password has at least ${CHARACTERS_MIN} characters. A few words are easy to remember.`;
  if (characters > CHARACTERS_MAX) return `A password has at most ${CHARACTERS_MAX} characters.`;
  const plain = password.normalize('NFKC').toLowerCase();
  if (new Set(plain).size < 3) return 'This password is one or two characters over and over. Choose another.';
  if (plain.includes('gehra') || plain === name.toLowerCase()) {
    return 'This password is easy to guess for anybody who knows what it is for. Choose another.';
  }
  // 1.2 MB that only who chooses a password needs.
  const { dictionary } = await import('@zxcvbn-ts/language-common');
  if (dictionary['passwords-common'].includes(plain)) {
    return 'This password is on the lists that are tried first. Choose another.';
  }
  return null;
}
