/**
 * Holds every source file to import-rules.ts. Reads the syntax tree (oxc-parser), so that a name in a comment or in an
 * unrelated text is no finding.
 *
 * What it cannot see: a path put together at run time (refused where it is an `import()`), a global reached under
 * another name (`const clock = Date`), a name that the file itself declares and that hides a global.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import path from 'node:path';
import { parseSync, visitorKeys } from 'oxc-parser';
import { type Finding, lineAt, posix } from './finding.ts';
import {
  ENVIRONMENT_LAYER,
  IMPURE_GLOBALS,
  IMPURE_MEMBERS,
  LAYERS,
  type Layer,
  PACKAGES,
  type PackageRule,
  WORDS,
} from './import-rules.ts';

/** A node of the syntax tree, as far as the checks look into it. */
interface Node {
  readonly type: string;
  readonly start: number;
  readonly [key: string]: unknown;
}

const SOURCE = /\.(ts|tsx|mts|mjs|js|jsx)$/;
const TEST = /\.test\.tsx?$/;
/** Imported, but no code. */
const DATA = /\.(json|css|svg|png|woff2)$/;
/** At the top of the checkout. */
const SKIPPED_FOLDERS = new Set(['node_modules', 'dist', 'data', 'public', 'docs', 'ops']);
/** Made by Next.js at every build. */
const SKIPPED_FILES = new Set(['next-env.d.ts']);

/** All findings under `root`, in the order of files and lines. */
export function checkImports(root: string): Finding[] {
  return sourceFiles(root).flatMap((file) => checkFile(file, readFileSync(path.join(root, file), 'utf8')));
}

function sourceFiles(root: string): string[] {
  const files: string[] = [];
  const walk = (folder: string): void => {
    for (const entry of readdirSync(path.join(root, folder), { withFileTypes: true })) {
      const relative = path.join(folder, entry.name);
      if (entry.isDirectory()) {
        if (!entry.name.startsWith('.') && !SKIPPED_FOLDERS.has(relative)) walk(relative);
      } else if (SOURCE.test(entry.name) && !SKIPPED_FILES.has(entry.name)) {
        files.push(posix(relative));
      }
    }
  };
  walk('');
  return files.sort();
}

const layersByDepth = LAYERS.toSorted((a, b) => b.folder.length - a.folder.length);

/** The layer that a file belongs to; null for a folder that the table does not have. */
function layerOf(file: string): Layer | null {
  const folder = path.posix.dirname(file);
  const isIn = (layer: Layer): boolean => folder === layer.folder || folder.startsWith(`${layer.folder}/`);
  return layersByDepth.find(isIn) ?? null;
}

/** Findings in one file. */
export function checkFile(file: string, text: string): Finding[] {
  const layer = layerOf(file);
  if (!layer) {
    return [{ file, line: 0, what: `${path.posix.dirname(file)} is in no layer`, why: 'enter it in import-rules.ts' }];
  }
  if (layer.kind === 'free' || TEST.test(file)) return [];
  const parsed = parseSync(file, text);
  const [failure] = parsed.errors;
  if (failure)
    return [{ file, line: 0, what: `cannot be parsed: ${failure.message}`, why: 'nothing else was checked' }];

  const findings: Finding[] = [];
  const add: Add = (at, what, why) => findings.push({ file, line: lineAt(text, at), what, why });
  const program = parsed.program as unknown as Node;
  const declared = namesDeclared(program);
  for (const { at, to } of importsOf(program)) {
    checkImport(layer, file, to, (what, why) => add(at, what, why));
  }
  walk(program, null, (node, parent) => {
    checkWords(layer, node, add);
    if (layer.folder !== ENVIRONMENT_LAYER) checkEnvironment(node, declared, add);
    if (layer.kind === 'pure') checkPurity(node, parent, declared, add);
  });
  return findings.sort((a, b) => a.line - b.line);
}

type Add = (at: number, what: string, why: string) => void;

interface Import {
  readonly at: number;
  /** What is written between the quotes; null where the path is put together at run time. */
  readonly to: string | null;
}

/**
 * Everything by which a file names another: declarations and `import()`, types included (who imports a type knows the
 * folder), `require`, and `new URL('./x.ts', import.meta.url)`, by which workers are started.
 */
function importsOf(program: Node): Import[] {
  const found: Import[] = [];
  walk(program, null, (node) => {
    switch (node.type) {
      case 'ImportDeclaration':
      case 'ExportAllDeclaration':
      case 'ExportNamedDeclaration':
      case 'ImportExpression':
      case 'TSImportType':
        if (node.source) found.push({ at: node.start, to: literalOf(node.source) });
        break;
      case 'TSExternalModuleReference':
        found.push({ at: node.start, to: literalOf(node.expression) });
        break;
      case 'CallExpression':
        if (nameOf(node.callee) === 'require') found.push({ at: node.start, to: literalOf(argumentsOf(node)[0]) });
        break;
      case 'NewExpression': {
        const [to, base] = argumentsOf(node);
        const file = literalOf(to);
        if (nameOf(node.callee) !== 'URL' || !base || !file || !SOURCE.test(file)) break;
        found.push({ at: node.start, to: file });
        break;
      }
    }
  });
  return found;
}

function checkImport(layer: Layer, file: string, to: string | null, add: (what: string, why: string) => void): void {
  if (to === null) {
    add('imports a path put together at run time', 'nothing can tell what it is');
  } else if (to.startsWith('.')) {
    checkFileImport(layer, path.posix.join(path.posix.dirname(file), to), add);
  } else if (isBuiltin(to)) {
    if (layer.kind !== 'node') add(`imports ${to}`, `${layer.folder} is a ${layer.kind} folder`);
    if (/^(node:)?process$/.test(to)) add(`imports ${to}`, 'process is there without it, and findable');
  } else {
    checkPackageImport(layer, to, add);
  }
}

function checkFileImport(layer: Layer, target: string, add: (what: string, why: string) => void): void {
  if (DATA.test(target)) return;
  const targetLayer = layerOf(target);
  if (TEST.test(target)) {
    add(`imports ${target}`, 'tests are no part of the product');
  } else if (!targetLayer) {
    add(`imports ${target}`, 'it is in no layer');
  } else if (targetLayer.folder !== layer.folder && !layer.imports.includes(targetLayer.folder)) {
    const may = layer.imports.length > 0 ? layer.imports.join(', ') : 'nothing';
    add(`imports ${target}`, `${layer.folder} may import ${may}`);
  }
}

function checkPackageImport(layer: Layer, to: string, add: (what: string, why: string) => void): void {
  const name = to.split('/', to.startsWith('@') ? 2 : 1).join('/');
  const rule = PACKAGES.find(({ packages }: PackageRule) => packages.includes(name));
  if (rule && !rule.only.includes(layer.folder)) add(`imports ${name}`, rule.why);
  else if (layer.kind === 'pure')
    add(`imports ${name}`, `${layer.folder} is a pure folder: what a package does is not seen`);
}

function checkWords(layer: Layer, node: Node, add: Add): void {
  const name = nameOf(node);
  const text = textOf(node);
  for (const rule of WORDS) {
    if (rule.only.includes(layer.folder)) continue;
    // A name may also stand as a text: canvas['getContext'].
    const said =
      rule.names?.has(name ?? text ?? '') || (text !== null && rule.texts?.some((pattern) => pattern.test(text)));
    if (said) add(node.start, name ?? `${rule.what}: ${clipped(text ?? '')}`, rule.why);
  }
}

/** `process.env`, and `const { env } = process`. */
function checkEnvironment(node: Node, declared: ReadonlySet<string>, add: Add): void {
  const isProcess = (object: unknown): boolean => {
    if (nameOf(object) === 'process') return !declared.has('process');
    return memberOf(object)?.endsWith('.process') ?? false;
  };
  const isRead =
    (node.type === 'MemberExpression' && propertyOf(node) === 'env' && isProcess(node.object)) ||
    (node.type === 'VariableDeclarator' && isProcess(node.init) && patternHas(node.id, 'env'));
  if (isRead) add(node.start, 'reads process.env', `only ${ENVIRONMENT_LAYER} reads the environment`);
}

function checkPurity(node: Node, parent: Node | null, declared: ReadonlySet<string>, add: Add): void {
  const why = 'a pure folder has no clock, no randomness and no world around it';
  const name = nameOf(node);
  if (node.type === 'MemberExpression') {
    const member = memberOf(node);
    if (member !== null && IMPURE_MEMBERS.has(member)) add(node.start, member, why);
    if (nameOf(node.object) === 'globalThis' && IMPURE_GLOBALS.has(propertyOf(node) ?? ''))
      add(node.start, `${member}`, why);
  } else if (node.type === 'NewExpression' && nameOf(node.callee) === 'Date' && argumentsOf(node).length === 0) {
    add(node.start, 'new Date()', why);
  } else if (node.type === 'CallExpression' && nameOf(node.callee) === 'Date') {
    add(node.start, 'Date()', why);
  } else if (name !== null && IMPURE_GLOBALS.has(name) && !declared.has(name) && isReference(node, parent)) {
    add(node.start, name, why);
  }
}

/** Whether an identifier stands for a value: not the name of a property, nor a part of a type. */
function isReference(node: Node, parent: Node | null): boolean {
  if (parent === null) return false;
  if (parent.type === 'MemberExpression') return parent.object === node || parent.computed === true;
  if (/^(Property|MethodDefinition|PropertyDefinition|AccessorProperty)$/.test(parent.type)) {
    return parent.value === node || parent.computed === true;
  }
  if (/^(LabeledStatement|BreakStatement|ContinueStatement)$/.test(parent.type)) return false;
  return (
    !parent.type.startsWith('TS') ||
    /^TS(As|Satisfies|NonNull|Instantiation)Expression$|^TSTypeAssertion$/.test(parent.type)
  );
}

/** Names that the file declares anywhere: parameters, variables, functions, classes, imports. */
function namesDeclared(program: Node): ReadonlySet<string> {
  const names = new Set<string>();
  const bind = (pattern: unknown): void => {
    if (!isNode(pattern)) return;
    const name = nameOf(pattern);
    if (name !== null) names.add(name);
    else if (pattern.type === 'TSParameterProperty') bind(pattern.parameter);
    else if (pattern.type === 'AssignmentPattern') bind(pattern.left);
    else if (pattern.type === 'RestElement') bind(pattern.argument);
    else if (pattern.type === 'ArrayPattern') for (const element of listOf(pattern.elements)) bind(element);
    else if (pattern.type === 'ObjectPattern') for (const property of listOf(pattern.properties)) bind(property);
    else if (pattern.type === 'Property') bind(pattern.value);
  };
  walk(program, null, (node) => {
    if (node.type === 'VariableDeclarator' || /^(Function|Class)Declaration$/.test(node.type)) bind(node.id);
    if (/^Import(Default|Namespace)?Specifier$/.test(node.type)) bind(node.local);
    if (node.type === 'CatchClause') bind(node.param);
    for (const parameter of listOf(node.params)) bind(parameter);
  });
  return names;
}

function walk(node: Node, parent: Node | null, visit: (node: Node, parent: Node | null) => void): void {
  visit(node, parent);
  for (const key of visitorKeys[node.type] ?? []) {
    for (const child of listOf(node[key])) if (isNode(child)) walk(child, node, visit);
  }
}

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && 'type' in value;

/** A list as it is, one thing as a list of one, nothing as an empty list. */
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : value == null ? [] : [value]);

const argumentsOf = (node: Node): readonly unknown[] => listOf(node.arguments);

const nameOf = (node: unknown): string | null =>
  isNode(node) && (node.type === 'Identifier' || node.type === 'JSXIdentifier') ? String(node.name) : null;

const stringOf = (node: unknown): string | null =>
  isNode(node) && node.type === 'Literal' && typeof node.value === 'string' ? node.value : null;

/** The text of a string, or of a template that has no value in it. */
const literalOf = (node: unknown): string | null =>
  isNode(node) && listOf(node.expressions).length === 0 ? textOf(node) : null;

/** The text of a string or template; `?` stands where a template has a value. */
function textOf(node: Node): string | null {
  if (node.type !== 'TemplateLiteral') return stringOf(node);
  return listOf(node.quasis)
    .map((quasi) => (isNode(quasi) ? ((quasi.value as { cooked?: string | null }).cooked ?? '') : ''))
    .join('?');
}

/** Name of the property that a member expression asks for, written either way; null where it is computed. */
const propertyOf = ({ property, computed }: Node): string | null => (computed ? stringOf(property) : nameOf(property));

/** `Date.now` of `Date.now`; null for what is not a name and a property. */
function memberOf(node: unknown): string | null {
  if (!isNode(node) || node.type !== 'MemberExpression') return null;
  const object = nameOf(node.object);
  const property = propertyOf(node);
  return object !== null && property !== null ? `${object}.${property}` : null;
}

const patternHas = (pattern: unknown, key: string): boolean =>
  isNode(pattern) &&
  pattern.type === 'ObjectPattern' &&
  listOf(pattern.properties).some((property) => isNode(property) && nameOf(property.key) === key);

const clipped = (text: string): string => text.replace(/\s+/g, ' ').trim().slice(0, 60);
