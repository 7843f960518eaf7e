/** Our heatmap as lib/client's page has it: a canvas given to a worker, which takes in the messages and draws. */
import { layoutFor } from '../../lib/heatmap/layout.ts';
import { giveToWorker, mountCanvas } from '../../lib/render/surface.ts';
import { readTheme } from '../../lib/render/theme.ts';
import type { FromScroller, ToScroller } from './ours.worker.ts';
import { COLUMNS, ROWS, type Scrolled } from './scrolling.ts';

/** The chart gets COLUMNS × ROWS; around it stand the book and both axes. */
const { chart } = layoutFor(2 * COLUMNS, 2 * ROWS);
const width = COLUMNS + 2 * COLUMNS - chart.width;
const height = ROWS + 2 * ROWS - chart.height;

const host = document.createElement('div');
host.style.cssText = `position:relative;width:${width}px;height:${height}px`;
document.body.append(host);
const canvas = giveToWorker(mountCanvas(host));
if (!canvas) throw new Error('the browser gives no canvas to a worker');
const worker = new Worker('/ours.worker.js', { type: 'module' });

const ask = (message: ToScroller, given: Transferable[]): Promise<FromScroller> =>
  new Promise((resolve) => {
    worker.addEventListener('message', ({ data }: MessageEvent<FromScroller>) => resolve(data), { once: true });
    worker.postMessage(message, given);
  });

await ask({ canvas, width, height, chartHeight: ROWS, theme: readTheme(host) }, [canvas]);
globalThis.scrollColumns = async (frames) => (await ask(frames, [])) as Scrolled;
