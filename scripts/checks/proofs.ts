/**
 * Holds the documents that promise something to their proofs: where one names a test, `` `lib/core/side.test.ts: compares what counts` ``,
 * that file has a test of that title, and does not skip it; and each promise, a row of a table that begins with P and its
 * number, names a proof or says that it is not built.
 *
 * What it cannot see: whether the test proves what the row says. Titles that are put together are named as they are written.
 */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseSync, visitorKeys } from 'oxc-parser';
import type { Finding } from './finding.ts';

const DOCUMENTS = ['docs/GUARANTEES.md', 'docs/RELIABILITY.md'] as const;
const PROOF = /`([\w./[\]-]+\.(?:test|spec)\.tsx?): ([^`]+)`/g;
const PROMISE = /^\| (P\d+) \|/;
/** Another proof that a promise may name: a fault, of tests/chaos, or a program that is run by hand. */
const OTHER_PROOF = /`chaos: [^`]+`|`\.\/gehra [^`]+`|not built/;
const TESTS: ReadonlySet<string> = new Set(['it', 'test']);
const SKIPPING: ReadonlySet<string> = new Set(['skip', 'todo', 'fixme']);

interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [key: string]: unknown;
}

export function checkProofs(root: string): Finding[] {
  const titles = new Map<string, Map<string, boolean>>();
  const titlesOf = (file: string): Map<string, boolean> => {
    const known = titles.get(file) ?? testTitles(file, readFileSync(path.join(root, file), 'utf8'));
    titles.set(file, known);
    return known;
  };
  return DOCUMENTS.filter((file) => existsSync(path.join(root, file))).flatMap((file) =>
    readFileSync(path.join(root, file), 'utf8')
      .split('\n')
      .flatMap((text, i) => {
        const proofs = [...text.matchAll(PROOF)].map(([, test, title]) => [test, title] as [string, string]);
        const wrong = proofs.flatMap(([test, title]): [string, string][] => {
          if (!existsSync(path.join(root, test))) return [[`names ${test}`, 'there is no such file']];
          const runs = titlesOf(test).get(title);
          if (runs === undefined) return [[`names ${test}: ${title}`, 'there is no test of that title']];
          return runs ? [] : [[`names ${test}: ${title}`, 'that test is skipped']];
        });
        const promise = PROMISE.exec(text)?.[1];
        if (promise && proofs.length === 0 && !OTHER_PROOF.test(text)) {
          wrong.push([`promises ${promise}`, 'it names neither a proof nor that it is not built']);
        }
        return wrong.map(([what, why]) => ({ file, line: i + 1, what, why }));
      }),
  );
}

/** Titles of the tests in a file, and whether they run. */
export function testTitles(file: string, source: string): Map<string, boolean> {
  const titles = new Map<string, boolean>();
  const visit = (node: Node): void => {
    if (node.type === 'CallExpression') {
      const names = namesOf(node.callee as Node);
      const title = (node.arguments as Node[])[0];
      const text = title && textOf(title, source);
      if (text !== undefined && names && TESTS.has(names[0] as string)) {
        titles.set(text, !names.some((name) => SKIPPING.has(name)));
      }
    }
    for (const key of visitorKeys[node.type] ?? []) {
      const child = node[key] as Node | Node[] | null;
      for (const one of Array.isArray(child) ? child : [child]) if (one) visit(one);
    }
  };
  visit(parseSync(file, source).program as unknown as Node);
  return titles;
}

/** A title as it is written; undefined where the argument is no text. */
function textOf(title: Node, source: string): string | undefined {
  if (title.type === 'TemplateLiteral') return source.slice(title.start + 1, title.end - 1);
  return title.type === 'Literal' && typeof title.value === 'string' ? title.value : undefined;
}

/** `it`, `it.skip`, `it.each(...)`: the names in it; null where it is something else. */
function namesOf(callee: Node): string[] | null {
  switch (callee.type) {
    case 'Identifier':
      return [callee.name as string];
    case 'MemberExpression': {
      const before = namesOf(callee.object as Node);
      return before && [...before, (callee.property as Node).name as string];
    }
    case 'CallExpression':
      return namesOf(callee.callee as Node);
    case 'TaggedTemplateExpression':
      return namesOf(callee.tag as Node);
    default:
      return null;
  }
}
