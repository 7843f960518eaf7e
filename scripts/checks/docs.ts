/**
 * Finds paths named in the documents at the top and in docs/ that are not there: targets of links, and words that begin with one
 * of the repository's folders (`lib/core/side.ts`, `collectors/{kite,dhan}/main.ts`, `workers/*`), in code and in prose; and tests
 * that are named and not there, promises without a proof (named-tests.ts).
 *
 * What it cannot see: whether the sentence around a path is still true; headings that a link points to.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { type Finding, posix } from './finding.ts';
import { checkNamedTests, checkPromises } from './named-tests.ts';

const FOLDERS = 'app|components|collectors|workers|lib|db|public|simulator|tests|bench|scripts|docs|ops';
const PATH_WORD = new RegExp(`(?<![\\w/.@:-])(?:\\./)?((?:${FOLDERS})/[\\w./*{},[\\]()@-]*)`, 'g');
const LINK = /\]\(([^)\s]+)\)/g;

export function checkDocs(root: string): Finding[] {
  return documents(root).flatMap((file) => {
    const text = readFileSync(path.join(root, file), 'utf8');
    return [...checkDocument(root, file, text), ...checkNamedTests(root, file, text), ...checkPromises(file, text)];
  });
}

function documents(root: string): string[] {
  const docs = path.join(root, 'docs');
  const inDocs = existsSync(docs)
    ? readdirSync(docs, { recursive: true, encoding: 'utf8' }).map((name) => path.join('docs', name))
    : [];
  return ['README.md', 'SECURITY.md', ...inDocs]
    .filter((file) => file.endsWith('.md') && existsSync(path.join(root, file)))
    .map(posix)
    .sort();
}

function checkDocument(root: string, file: string, text: string): Finding[] {
  return text.split('\n').flatMap((line, i) => {
    const links = [...line.matchAll(LINK)].map(([, target]) => target as string).filter(isRelative);
    const linked = links.map((target) => path.posix.join(path.posix.dirname(file), target.replace(/[#?].*$/, '')));
    const named = [...line.replace(LINK, ']').matchAll(PATH_WORD)].map(([, word]) => trimmed(word as string));
    return [...linked, ...named]
      .filter((name) => !exists(root, name))
      .map((name) => ({ file, line: i + 1, what: `names ${name}`, why: 'there is no such file or folder' }));
  });
}

const isRelative = (target: string): boolean => !/^[a-z]+:|^#/i.test(target);

/** Without what belongs to the sentence: a full stop, a comma, a bracket that was not opened within. */
function trimmed(word: string): string {
  let end = word.length;
  while (/[.,]/.test(word.charAt(end - 1)) || (word.charAt(end - 1) === ')' && !word.slice(0, end).includes('(')))
    end -= 1;
  return word.slice(0, end);
}

function exists(root: string, name: string): boolean {
  const braces = /^(.*?)\{([^}]*)\}(.*)$/.exec(name);
  if (braces) {
    const [, before, choices, after] = braces;
    return (choices as string).split(',').every((choice) => exists(root, `${before}${choice}${after}`));
  }
  return matches(root, name.split('/').filter(Boolean));
}

/** Whether something lies under `folder` at these path segments, of which one may have a `*`. */
function matches(folder: string, segments: readonly string[]): boolean {
  const [first, ...rest] = segments;
  if (first === undefined) return true;
  if (!first.includes('*')) {
    const next = path.join(folder, first);
    return existsSync(next) && matches(next, rest);
  }
  if (!existsSync(folder)) return false;
  const pattern = new RegExp(`^${first.replace(/[.[\]()]/g, '\\$&').replaceAll('*', '.*')}$`);
  return readdirSync(folder).some((name) => pattern.test(name) && matches(path.join(folder, name), rest));
}
