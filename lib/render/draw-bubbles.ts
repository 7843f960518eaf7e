/**
 * Trades as bubbles, one for all that traded within a moment at a price row: area by volume, divided like a pie by who
 * initiated it, a dashed outline where that is inferred rather than observed. A bubble stays where its moment and row are and
 * only grows; one of several rows stands at their average price.
 */
import { BLOCK_COLUMNS, type ColumnBlock, type ColumnStore } from '../heatmap/column-store.ts';
import {
  type Clustering,
  clusterPrice,
  clusterTimeUs,
  clusterTrades,
  clusterVolume,
  type TradeCluster,
} from '../heatmap/trades.ts';
import { leftUs, xOf, yOf } from '../heatmap/view.ts';
import type { Scene } from './scene.ts';
import type { Theme } from './theme.ts';

/** Radius of a bubble of the reference volume, CSS px; larger ones stay at this. */
const RADIUS_PX_MAX = 13;
const RADIUS_PX_MIN = 1.5;
/** The largest ones of the view; a day of a liquid contract has more than anybody can tell apart. */
const BUBBLES_MAX = 400;
/** The reference is the volume that this share of the visible bubbles do not reach. */
const REFERENCE_SHARE = 0.98;
/** From this size on an outline tells observed from inferred; smaller ones would be all outline. */
const OUTLINE_PX_MIN = 3;
const DASH_PX = [2.2, 1.8];
const FILL_ALPHA = 0.5;

/** Clusters of blocks, kept until trades or the way they are joined change. */
export class BubbleCache {
  private readonly byBlock = new WeakMap<ColumnBlock, { version: number; way: Clustering; list: TradeCluster[] }>();
  private way: Clustering = { widthUs: 0, rowUnits: 1, least: 0 };

  /** How trades are joined from now on. */
  join(way: Clustering): void {
    const { widthUs, rowUnits, least } = this.way;
    if (way.widthUs !== widthUs || way.rowUnits !== rowUnits || way.least !== least) this.way = way;
  }

  clusters(block: ColumnBlock): readonly TradeCluster[] {
    const { way } = this;
    const { version } = block.trades;
    const kept = this.byBlock.get(block);
    if (kept && kept.version === version && kept.way === way) return kept.list;
    const list = clusterTrades(block.trades, way);
    this.byBlock.set(block, { version, way, list });
    return list;
  }
}

/** Height of what is joined into one bubble, price units: a price row, or as many ticks as were chosen. */
const joinedUnits = ({ rows, options, instrument }: Scene): number =>
  Math.max(rows.units, options.clusterTicks * instrument.tickSize);

/** The visible clusters, at most BUBBLES_MAX of them, the largest first. */
export function visibleClusters(scene: Scene, store: ColumnStore, cache: BubbleCache): TradeCluster[] {
  const { fromColumn, toColumn, columnUs, view, layout, asOfUs, options, instrument } = scene;
  const reach = (layout.chart.height / 2) * view.unitsPerPx;
  const rowUnits = joinedUnits(scene);
  const lowRow = (view.centrePrice - reach) / rowUnits;
  const highRow = (view.centrePrice + reach) / rowUnits;
  const [fromUs, toUs] = [leftUs(view, layout.chart), Math.min(view.rightUs, asOfUs)];
  // Joined within less than a column they would lie upon each other.
  const widthUs = options.clusterMs === 0 ? 0 : Math.max(columnUs, options.clusterMs * 1000);
  cache.join({ widthUs, rowUnits, least: options.minTradeLots * instrument.lotSize });
  const leastShown = options.minBubbleLots * instrument.lotSize;
  const found: TradeCluster[] = [];
  const lastBlock = Math.floor(toColumn / BLOCK_COLUMNS);
  for (let number = Math.floor(fromColumn / BLOCK_COLUMNS); number <= lastBlock; number += 1) {
    const block = store.blocks.get(number);
    if (!block || block.trades.count === 0) continue;
    for (const cluster of cache.clusters(block)) {
      const inView = cluster.toUs >= fromUs && cluster.fromUs <= toUs;
      const isTall = cluster.row >= lowRow && cluster.row <= highRow;
      if (inView && isTall && clusterVolume(cluster) >= leastShown) found.push(cluster);
    }
  }
  found.sort((a, b) => clusterVolume(b) - clusterVolume(a));
  return found.slice(0, BUBBLES_MAX);
}

/** The volume that a full-sized bubble stands for; null where there are none. @param clusters largest first */
export function referenceVolume(clusters: readonly TradeCluster[]): number | null {
  const cluster = clusters[Math.floor(clusters.length * (1 - REFERENCE_SHARE))];
  return cluster ? clusterVolume(cluster) : null;
}

/** @param clusters largest first, so that small bubbles lie on top of large ones */
export function drawBubbles(scene: Scene, clusters: readonly TradeCluster[], reference: number): void {
  const { pen, view, layout, rows } = scene;
  const isOfRows = joinedUnits(scene) > rows.units;
  for (const cluster of clusters) {
    const radius = RADIUS_PX_MAX * Math.sqrt(Math.min(1, clusterVolume(cluster) / reference));
    if (radius < RADIUS_PX_MIN) break;
    const x = xOf(view, layout.chart, clusterTimeUs(cluster));
    const y = yOf(view, layout.chart, isOfRows ? clusterPrice(cluster) : cluster.row * rows.units);
    fillPie(scene, cluster, x, y, radius);
    if (radius < OUTLINE_PX_MIN) continue;
    pen.beginPath();
    pen.arc(x, y, radius, 0, 2 * Math.PI);
    pen.lineWidth = 1;
    const observed = cluster.observed * 2 >= clusterVolume(cluster);
    if (!observed) pen.setLineDash(DASH_PX);
    pen.strokeStyle = colourOf(cluster, scene.theme);
    pen.stroke();
    if (!observed) pen.setLineDash([]);
  }
}

/** From the top clockwise: what was bought, what nobody knows of, what was sold. */
function fillPie({ pen, theme }: Scene, cluster: TradeCluster, x: number, y: number, radius: number): void {
  const volume = clusterVolume(cluster);
  pen.globalAlpha = FILL_ALPHA;
  let from = -Math.PI / 2;
  for (const part of ['bought', 'unknown', 'sold'] as const) {
    if (cluster[part] === 0) continue;
    const to = from + (2 * Math.PI * cluster[part]) / volume;
    pen.beginPath();
    if (cluster[part] < volume) pen.moveTo(x, y);
    pen.arc(x, y, radius, from, to);
    pen.fillStyle = part === 'bought' ? theme.bid : part === 'sold' ? theme.ask : theme.unknown;
    pen.fill();
    from = to;
  }
  pen.globalAlpha = 1;
}

/** Of who initiated most of it. */
function colourOf({ bought, sold, unknown }: TradeCluster, theme: Theme): string {
  if (unknown >= bought && unknown >= sold) return theme.unknown;
  return bought >= sold ? theme.bid : theme.ask;
}
