/**
 * Finds tests that a document names and that are not there or are skipped, and promises that name no proof. A test is named in code, by its file and its title as the source has it:
 *
 *     `tests/people/roles.test.ts › S69: that takes a body takes 64 KiB`
 *
 * A title that is put together stands as it does in the source, with its `${...}`; a bar within a table as `\|`. What it cannot see:
 * whether the test tests what the sentence around it says.
 */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseSync, visitorKeys } from 'oxc-parser';
import type { Finding } from './finding.ts';

export interface NamedTest {
  /** 1-based, of the document. */
  readonly line: number;
  readonly file: string;
  readonly title: string;
}

const CODE = /(`+)(.+?)\1(?!`)/g;
const NAMED = /^\s*(\S+\.(?:test|spec)\.tsx?) › (.+?)\s*$/;
/** What declares a test; `describe` only groups them. */
const DECLARES = new Set(['it', 'test']);
const GROUPS = new Set(['describe', 'step']);
const SKIPS = new Set(['skip', 'todo', 'fixme']);
/** A row of a table that begins with P and its number is a promise. */
const PROMISE = /^\| (P\d+) \|/;
/** What it may name instead of a test: a fault of tests/chaos, or a program that is run by hand. */
const OTHER_PROOF = /`chaos: [^`]+`|`\.\/gehra [^`]+`|not built/;

/** Every test that a document names. */
export function testsNamedIn(text: string): NamedTest[] {
  return text.split('\n').flatMap((line, i) =>
    [...line.matchAll(CODE)].flatMap(([, , code = '']) => {
      const [, file, title] = NAMED.exec(code) ?? [];
      return file && title ? [{ line: i + 1, file, title: title.replaceAll('\\|', '|') }] : [];
    }),
  );
}

/** Those of them that are not there. @param document its path within `root` */
export function checkNamedTests(root: string, document: string, text: string): Finding[] {
  return testsNamedIn(text).flatMap(({ line, file, title }): Finding[] => {
    const what = `names the test ${file} › ${title}`;
    const at = path.join(root, file);
    if (!existsSync(at)) return [{ file: document, line, what, why: 'there is no such file' }];
    const runs = titlesIn(file, readFileSync(at, 'utf8')).get(title);
    if (runs) return [];
    const why = runs === undefined ? 'no test of that file has this title' : 'that test is skipped';
    return [{ file: document, line, what, why }];
  });
}

/** Promises of a document that name neither a proof nor that they are not built. */
export function checkPromises(document: string, text: string): Finding[] {
  return text.split('\n').flatMap((row, i): Finding[] => {
    const promise = PROMISE.exec(row)?.[1];
    if (!promise || testsNamedIn(row).length > 0 || OTHER_PROOF.test(row)) return [];
    const why = 'it names neither a proof nor that it is not built';
    return [{ file: document, line: i + 1, what: `promises ${promise}`, why }];
  });
}

/** A node of the syntax tree, as far as the titles are. */
interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [key: string]: unknown;
}

/** Titles of the tests of a file, and whether they run. */
export function titlesIn(file: string, text: string): Map<string, boolean> {
  const titles = new Map<string, boolean>();
  const visit = (node: Node): void => {
    if (node.type === 'CallExpression' && declaresTest(node.callee as Node)) {
      const title = titleOf((node.arguments as Node[])[0], text);
      if (title !== null) titles.set(title, !isSkipped(node.callee as Node));
    }
    for (const key of visitorKeys[node.type] ?? []) {
      for (const child of [node[key]].flat()) if (child) visit(child as Node);
    }
  };
  visit(parseSync(file, text).program as unknown as Node);
  return titles;
}

/** Whether it is `it`, `test.skip`, `it.each(cases)` or the like that is called. */
function declaresTest(callee: Node): boolean {
  if (callee.type === 'Identifier') return DECLARES.has(callee.name as string);
  if (callee.type === 'CallExpression') return declaresTest(callee.callee as Node);
  if (callee.type !== 'MemberExpression') return false;
  return !GROUPS.has((callee.property as Node).name as string) && declaresTest(callee.object as Node);
}

function isSkipped(callee: Node): boolean {
  if (callee.type === 'CallExpression') return isSkipped(callee.callee as Node);
  return callee.type === 'MemberExpression' && SKIPS.has((callee.property as Node).name as string);
}

function titleOf(argument: Node | undefined, text: string): string | null {
  if (argument?.type === 'Literal' && typeof argument.value === 'string') return argument.value;
  return argument?.type === 'TemplateLiteral' ? text.slice(argument.start + 1, argument.end - 1) : null;
}
