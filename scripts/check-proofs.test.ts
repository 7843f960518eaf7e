import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkProofs, testTitles } from './checks/proofs.ts';

let root = '';
beforeEach(() => {
  root = mkdtempSync(path.join(os.tmpdir(), 'gehra-proofs-'));
  plant('lib/a.test.ts', `it('keeps it', () => undefined);\nit.skip('looks away', () => undefined);\n`);
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

function plant(file: string, text: string): void {
  mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
  writeFileSync(path.join(root, file), text);
}

const findings = (text: string): string[] => {
  plant('docs/GUARANTEES.md', `# Promises\n\n${text}\n`);
  return checkProofs(root).map(({ file, line, what, why }) => `${file}:${line}  ${what}  ${why}`);
};

describe('checkProofs', () => {
  it.each([
    '| P1 | nothing is lost | `lib/a.test.ts: keeps it` |',
    '| P1 | nothing is lost | `chaos: writer killed` |',
    '| P1 | nothing is lost | not built: no machine for it |',
    '| K1 | a case that names nothing |',
    'Prose with `lib/a.test.ts` alone.',
  ])('says nothing of %s', (text) => {
    expect(findings(text)).toEqual([]);
  });

  it.each([
    ['| P1 | x | `lib/none.test.ts: keeps it` |', 'names lib/none.test.ts  there is no such file'],
    ['| P1 | x | `lib/a.test.ts: keeps them` |', 'names lib/a.test.ts: keeps them  there is no test of that title'],
    ['| P1 | x | `lib/a.test.ts: looks away` |', 'names lib/a.test.ts: looks away  that test is skipped'],
    ['| P1 | nothing is lost | believe us |', 'promises P1  it names neither a proof nor that it is not built'],
  ])('finds what is wrong with %s', (text, finding) => {
    expect(findings(text)).toEqual([`docs/GUARANTEES.md:3  ${finding}`]);
  });

  it('is content without any document', () => {
    expect(checkProofs(root)).toEqual([]);
  });
});

describe('testTitles', () => {
  it('reads titles however a test is declared, and of nothing else', () => {
    const source = [
      `describe('a group', () => {`,
      `  it('plain', () => undefined);`,
      `  it.each([1, 2])('each of %i', () => undefined);`,
      // biome-ignore lint/suspicious/noTemplateCurlyInString: a source that has one
      '  test(`put together of ${what}`, () => undefined);',
      `  it("with 'quotes'", { timeout: 5 }, () => undefined);`,
      `  test.fixme('later', () => undefined);`,
      `  other.it('not one', () => undefined);`,
      '});',
    ].join('\n');
    expect([...testTitles('a.test.ts', source)]).toEqual([
      ['plain', true],
      ['each of %i', true],
      // biome-ignore lint/suspicious/noTemplateCurlyInString: as it stands in the source
      ['put together of ${what}', true],
      ["with 'quotes'", true],
      ['later', false],
    ]);
  });
});
