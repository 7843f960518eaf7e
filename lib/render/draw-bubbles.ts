/**
 * Trades as bubbles, one for all that traded in a column at a price row: area by volume, colour by who initiated most of
 * it, a dashed outline where that is inferred rather than observed. A bubble stays where its column and row are and only
 * grows.
 */
import { AGGRESSOR, type Aggressor } from '../core/aggressor.ts';
import { BLOCK_COLUMNS, type ColumnBlock, type ColumnStore } from '../heatmap/column-store.ts';
import { clusterAggressor, clusterTrades, clusterVolume, type TradeCluster } from '../heatmap/trades.ts';
import { xOf, yOf } from '../heatmap/view.ts';
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

/** Clusters of blocks, kept until trades or rows change. */
export class BubbleCache {
  private readonly byBlock = new WeakMap<ColumnBlock, { version: number; rowUnits: number; list: TradeCluster[] }>();

  clusters(block: ColumnBlock, columnUs: number, rowUnits: number): readonly TradeCluster[] {
    const { version } = block.trades;
    const kept = this.byBlock.get(block);
    if (kept && kept.version === version && kept.rowUnits === rowUnits) return kept.list;
    const list = clusterTrades(block.trades, columnUs, rowUnits);
    this.byBlock.set(block, { version, rowUnits, list });
    return list;
  }
}

/** The visible clusters, at most BUBBLES_MAX of them, the largest first. */
export function visibleClusters(scene: Scene, store: ColumnStore, cache: BubbleCache): TradeCluster[] {
  const { fromColumn, toColumn, columnUs, rows, view, layout, asOfUs } = scene;
  const reach = (layout.chart.height / 2) * view.unitsPerPx;
  const lowRow = (view.centrePrice - reach) / rows.units;
  const highRow = (view.centrePrice + reach) / rows.units;
  const lastColumn = Math.min(toColumn, Math.floor(asOfUs / columnUs));
  const found: TradeCluster[] = [];
  const lastBlock = Math.floor(lastColumn / BLOCK_COLUMNS);
  for (let number = Math.floor(fromColumn / BLOCK_COLUMNS); number <= lastBlock; number += 1) {
    const block = store.blocks.get(number);
    if (!block || block.trades.count === 0) continue;
    for (const cluster of cache.clusters(block, columnUs, rows.units)) {
      const inView = cluster.column >= fromColumn && cluster.column <= lastColumn;
      if (inView && cluster.row >= lowRow && cluster.row <= highRow) found.push(cluster);
    }
  }
  found.sort((a, b) => clusterVolume(b) - clusterVolume(a));
  return found.length > BUBBLES_MAX ? found.slice(0, BUBBLES_MAX) : found;
}

/** The volume that a full-sized bubble stands for; null where there are none. @param clusters largest first */
export function referenceVolume(clusters: readonly TradeCluster[]): number | null {
  const cluster = clusters[Math.floor(clusters.length * (1 - REFERENCE_SHARE))];
  return cluster ? clusterVolume(cluster) : null;
}

/** @param clusters largest first, so that small bubbles lie on top of large ones */
export function drawBubbles(scene: Scene, clusters: readonly TradeCluster[], reference: number): void {
  const { pen, theme, view, layout, columnUs, rows } = scene;
  for (const cluster of clusters) {
    const radius = RADIUS_PX_MAX * Math.sqrt(Math.min(1, clusterVolume(cluster) / reference));
    if (radius < RADIUS_PX_MIN) break;
    const aggressor = clusterAggressor(cluster);
    pen.beginPath();
    pen.arc(
      xOf(view, layout.chart, (cluster.column + 0.5) * columnUs),
      yOf(view, layout.chart, cluster.row * rows.units),
      radius,
      0,
      2 * Math.PI,
    );
    const colour = colourOf(aggressor, theme);
    pen.fillStyle = colour;
    pen.globalAlpha = FILL_ALPHA;
    pen.fill();
    pen.globalAlpha = 1;
    if (radius < OUTLINE_PX_MIN) continue;
    pen.strokeStyle = colour;
    pen.lineWidth = 1;
    const observed = cluster.observed * 2 >= clusterVolume(cluster);
    if (!observed) pen.setLineDash(DASH_PX);
    pen.stroke();
    if (!observed) pen.setLineDash([]);
  }
}

function colourOf(aggressor: Aggressor, theme: Theme): string {
  if (aggressor === AGGRESSOR.buy) return theme.bid;
  return aggressor === AGGRESSOR.sell ? theme.ask : theme.unknown;
}
