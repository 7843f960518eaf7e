/**
 * A layout of the workspace: panes in a tree of splits, as a value. Every change gives another layout; what people edit and
 * send each other is read by `readLayout`, which believes nothing.
 */
import { parseSlug } from '../core/instrument.ts';

/** Panes of a group show the same instrument, and share cursor and visible time. */
export const GROUPS = ['a', 'b', 'c', 'd'] as const;
export type Group = (typeof GROUPS)[number];

export interface PaneSpec {
  /** Unique within the layout. */
  readonly id: string;
  readonly kind: string;
  /** Null: on its own, with the instrument that it names. */
  readonly group: Group | null;
  /** Slug, where it stands alone; null: none chosen yet, and in a group, which has its own. */
  readonly instrument: string | null;
  readonly settings: Readonly<Record<string, unknown>>;
}

export interface SplitNode {
  /** 'row': side by side; 'column': one above the other. */
  readonly split: 'row' | 'column';
  /** Percent of the split, one for each child. */
  readonly sizes: readonly number[];
  readonly children: readonly LayoutNode[];
}

export type LayoutNode = SplitNode | PaneSpec;

export interface Layout {
  readonly version: 1;
  /** Slug of each group that has an instrument. */
  readonly groups: Readonly<Partial<Record<Group, string>>>;
  /** Null: empty. */
  readonly root: LayoutNode | null;
}

export type Side = 'left' | 'right' | 'top' | 'bottom';
/** In percent of the whole. */
export interface PaneArea {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export const EMPTY_LAYOUT: Layout = { version: 1, groups: {}, root: null };
/** More do not fit a screen, and each costs the machine something. */
export const PANES_MAX = 24;

const DEPTH_MAX = 12;
const SETTINGS_CHARS_MAX = 4000;
const ID = /^[a-z0-9-]{1,40}$/;
const KIND = /^[a-z][a-z0-9-]{0,39}$/;
/** What rounding may leave of a hundred. */
const SIZES_TOLERANCE = 1;
/** Edges that touch differ by no more than this, percent. */
const TOUCHING = 0.01;

export const isSplit = (node: LayoutNode): node is SplitNode => 'split' in node;

const panesIn = (node: LayoutNode | null): readonly PaneSpec[] =>
  node === null ? [] : isSplit(node) ? node.children.flatMap(panesIn) : [node];

/** In reading order. */
export const panesOf = (layout: Layout): readonly PaneSpec[] => panesIn(layout.root);

/** Slug of what a pane shows; null where nothing was chosen. */
export const instrumentOf = (layout: Layout, pane: PaneSpec): string | null =>
  pane.group === null ? pane.instrument : (layout.groups[pane.group] ?? null);

/** An id that no pane of the layout has. */
export function freeId(layout: Layout): string {
  const taken = new Set(panesOf(layout).map(({ id }) => id));
  let number = 1;
  while (taken.has(`p${number}`)) number += 1;
  return `p${number}`;
}

/** Puts a pane on one side of another, which gives it half of its room; of the whole where `beside` is null. */
export function addPane(layout: Layout, pane: PaneSpec, beside: string | null, side: Side): Layout {
  if (layout.root === null) return { ...layout, root: pane };
  const place = (node: LayoutNode): LayoutNode => splitAt(node, pane, side);
  const root =
    beside === null
      ? place(layout.root)
      : mapNodes(layout.root, (node) => (!isSplit(node) && node.id === beside ? place(node) : node));
  return { ...layout, root: tidied(root) };
}

export function removePane(layout: Layout, id: string): Layout {
  return { ...layout, root: layout.root === null ? null : without(layout.root, id) };
}

/** Takes a pane to one side of another (null: of the whole), or lets the two change places. */
export function movePane(layout: Layout, id: string, target: string | null, to: Side | 'swap'): Layout {
  const pane = panesOf(layout).find((each) => each.id === id);
  if (!pane || target === id) return layout;
  if (to !== 'swap') return addPane(removePane(layout, id), pane, target, to);
  const other = panesOf(layout).find((each) => each.id === target);
  if (!other || layout.root === null) return layout;
  const swapped = mapNodes(layout.root, (node) => {
    if (isSplit(node)) return node;
    return node.id === id ? other : node.id === target ? pane : node;
  });
  return { ...layout, root: swapped };
}

export function changePane(layout: Layout, id: string, part: Partial<Omit<PaneSpec, 'id'>>): Layout {
  if (layout.root === null) return layout;
  const root = mapNodes(layout.root, (node) => (!isSplit(node) && node.id === id ? { ...node, ...part } : node));
  return { ...layout, root };
}

/** Shows an instrument in a pane, and in all of its group. */
export function showInstrument(layout: Layout, id: string, slug: string): Layout {
  const pane = panesOf(layout).find((each) => each.id === id);
  if (!pane) return layout;
  if (pane.group === null) return changePane(layout, id, { instrument: slug });
  return { ...layout, groups: { ...layout.groups, [pane.group]: slug } };
}

/** Puts a pane into a group, or on its own: it goes on showing what it shows, unless the group shows something. */
export function joinGroup(layout: Layout, id: string, group: Group | null): Layout {
  const pane = panesOf(layout).find((each) => each.id === id);
  if (!pane) return layout;
  const shown = instrumentOf(layout, pane);
  const changed = changePane(layout, id, { group, instrument: group === null ? shown : null });
  if (group === null || shown === null || layout.groups[group] !== undefined) return changed;
  return { ...changed, groups: { ...layout.groups, [group]: shown } };
}

/** @param path of a split, by its place among its parent's children, from the root */
export function resizeSplit(layout: Layout, path: readonly number[], sizes: readonly number[]): Layout {
  const at = (node: LayoutNode, rest: readonly number[]): LayoutNode => {
    if (!isSplit(node)) return node;
    const [first, ...others] = rest;
    if (first === undefined) return sizes.length === node.children.length ? { ...node, sizes } : node;
    return { ...node, children: node.children.map((child, i) => (i === first ? at(child, others) : child)) };
  };
  return layout.root === null ? layout : { ...layout, root: at(layout.root, path) };
}

/** Where each pane lies. */
export function areasOf(layout: Layout): ReadonlyMap<string, PaneArea> {
  const areas = new Map<string, PaneArea>();
  const walk = (node: LayoutNode, area: PaneArea): void => {
    if (!isSplit(node)) {
      areas.set(node.id, area);
      return;
    }
    let done = 0;
    node.children.forEach((child, i) => {
      const share = (node.sizes[i] ?? 0) / 100;
      const part =
        node.split === 'row'
          ? { ...area, x: area.x + done * area.width, width: share * area.width }
          : { ...area, y: area.y + done * area.height, height: share * area.height };
      walk(child, part);
      done += share;
    });
  };
  if (layout.root) walk(layout.root, { x: 0, y: 0, width: 100, height: 100 });
  return areas;
}

/** The pane that lies next to another on one side, the one with most of the edge in common; null at the border. */
export function neighbourOf(layout: Layout, id: string, side: Side): string | null {
  const areas = areasOf(layout);
  const from = areas.get(id);
  if (!from) return null;
  let best: string | null = null;
  let most = TOUCHING;
  for (const [other, area] of areas) {
    if (other === id || Math.abs(gapBetween(from, area, side)) > TOUCHING) continue;
    const common =
      side === 'left' || side === 'right'
        ? Math.min(from.y + from.height, area.y + area.height) - Math.max(from.y, area.y)
        : Math.min(from.x + from.width, area.x + area.width) - Math.max(from.x, area.x);
    if (common <= most) continue;
    most = common;
    best = other;
  }
  return best;
}

function gapBetween(from: PaneArea, to: PaneArea, side: Side): number {
  switch (side) {
    case 'left':
      return to.x + to.width - from.x;
    case 'right':
      return to.x - from.x - from.width;
    case 'top':
      return to.y + to.height - from.y;
    case 'bottom':
      return to.y - from.y - from.height;
  }
}

function splitAt(node: LayoutNode, pane: PaneSpec, side: Side): LayoutNode {
  const children = side === 'left' || side === 'top' ? [pane, node] : [node, pane];
  return { split: side === 'left' || side === 'right' ? 'row' : 'column', sizes: [50, 50], children };
}

function mapNodes(node: LayoutNode, change: (node: LayoutNode) => LayoutNode): LayoutNode {
  if (!isSplit(node)) return change(node);
  return change({ ...node, children: node.children.map((child) => mapNodes(child, change)) });
}

/** Its room goes to those beside it, in the shares that they have. */
function without(node: LayoutNode, id: string): LayoutNode | null {
  if (!isSplit(node)) return node.id === id ? null : node;
  const kept = node.children.flatMap((child, i) => {
    const left = without(child, id);
    return left === null ? [] : [{ child: left, size: node.sizes[i] ?? 0 }];
  });
  const [only] = kept;
  if (!only) return null;
  if (kept.length === 1) return only.child;
  const total = kept.reduce((sum, { size }) => sum + size, 0);
  return tidied({
    ...node,
    children: kept.map(({ child }) => child),
    sizes: kept.map(({ size }) => (size * 100) / total),
  });
}

/** A split within a split of the same direction becomes part of it: its children can then be resized against all others. */
function tidied(node: LayoutNode): LayoutNode {
  if (!isSplit(node)) return node;
  const parts = node.children.map(tidied).flatMap((child, i) => {
    const size = node.sizes[i] ?? 0;
    if (!isSplit(child) || child.split !== node.split) return [{ child, size }];
    return child.children.map((inner, n) => ({ child: inner, size: (size * (child.sizes[n] ?? 0)) / 100 }));
  });
  return { ...node, children: parts.map(({ child }) => child), sizes: parts.map(({ size }) => size) };
}

/** Says where in the file something is not as it should be. */
export class LayoutError extends Error {
  override readonly name = 'LayoutError';
}

/**
 * A layout out of JSON that somebody may have written by hand.
 *
 * @param kinds of panes that there are
 * @throws LayoutError
 */
export function readLayout(value: unknown, kinds: readonly string[]): Layout {
  const top = objectAt(value, 'The layout');
  if (top.version !== 1) throw new LayoutError(`Its version is ${JSON.stringify(top.version)}; this page reads 1.`);
  const groups: Partial<Record<Group, string>> = {};
  for (const [name, slug] of Object.entries(objectAt(top.groups ?? {}, 'groups'))) {
    groups[groupAt(name, 'groups')] = slugAt(slug, `groups.${name}`);
  }
  const ids = new Set<string>();
  const node = (part: unknown, where: string, depth: number): LayoutNode => {
    const object = objectAt(part, where);
    if (depth > DEPTH_MAX) throw new LayoutError(`${where}: splits stand more than ${DEPTH_MAX} deep.`);
    if (!('split' in object)) return paneAt(object, where, kinds, ids);
    if (object.split !== 'row' && object.split !== 'column')
      throw new LayoutError(`${where}.split is neither "row" nor "column".`);
    const { children } = object;
    if (!Array.isArray(children) || children.length < 2)
      throw new LayoutError(`${where}.children has to be a list of two or more.`);
    const sizes = sizesAt(object.sizes, children.length, `${where}.sizes`);
    const split = object.split;
    return { split, sizes, children: children.map((child, i) => node(child, `${where}.children[${i}]`, depth + 1)) };
  };
  const root = top.root === null || top.root === undefined ? null : tidied(node(top.root, 'root', 1));
  return { version: 1, groups, root };
}

function paneAt(object: Record<string, unknown>, where: string, kinds: readonly string[], ids: Set<string>): PaneSpec {
  const { id, kind } = object;
  if (typeof id !== 'string' || !ID.test(id)) throw new LayoutError(`${where}.id is no short name.`);
  if (ids.has(id)) throw new LayoutError(`${where}.id: two panes are called "${id}".`);
  ids.add(id);
  if (ids.size > PANES_MAX) throw new LayoutError(`There are more than ${PANES_MAX} panes.`);
  if (typeof kind !== 'string' || !KIND.test(kind)) throw new LayoutError(`${where}.kind is no kind of pane.`);
  if (!kinds.includes(kind)) throw new LayoutError(`${where}.kind: there is no pane "${kind}" here.`);
  const settings = objectAt(object.settings ?? {}, `${where}.settings`);
  if (JSON.stringify(settings).length > SETTINGS_CHARS_MAX)
    throw new LayoutError(`${where}.settings is longer than ${SETTINGS_CHARS_MAX} characters.`);
  const group = object.group === null || object.group === undefined ? null : groupAt(object.group, `${where}.group`);
  const named = object.instrument === null || object.instrument === undefined;
  const instrument = named || group !== null ? null : slugAt(object.instrument, `${where}.instrument`);
  return { id, kind, group, instrument, settings };
}

function objectAt(value: unknown, where: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new LayoutError(`${where} is no object.`);
  return value as Record<string, unknown>;
}

function groupAt(value: unknown, where: string): Group {
  const group = GROUPS.find((each) => each === value);
  if (!group) throw new LayoutError(`${where}: ${JSON.stringify(value)} is no group; there are ${GROUPS.join(', ')}.`);
  return group;
}

function slugAt(value: unknown, where: string): string {
  if (typeof value !== 'string' || !parseSlug(value))
    throw new LayoutError(`${where} is no instrument, such as "NFO:NIFTY26DECFUT".`);
  return value.toUpperCase();
}

function sizesAt(value: unknown, count: number, where: string): readonly number[] {
  if (value === undefined) return Array.from({ length: count }, () => 100 / count);
  const isShare = (size: unknown): size is number => typeof size === 'number' && size > 0 && size <= 100;
  if (!Array.isArray(value) || value.length !== count || !value.every(isShare))
    throw new LayoutError(`${where} has to be ${count} numbers above 0, in percent.`);
  const total = value.reduce((sum, size) => sum + size, 0);
  if (Math.abs(total - 100) > SIZES_TOLERANCE) throw new LayoutError(`${where} adds up to ${total}, not to 100.`);
  return value.map((size) => (size * 100) / total);
}
