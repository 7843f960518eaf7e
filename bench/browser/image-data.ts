/** The bare reference: a matrix, a colour table, one ImageData that is painted anew and put at every frame. */
import { Cells } from './cells.ts';
import { COLUMNS, eachFrame, ROWS } from './scrolling.ts';

const canvas = document.createElement('canvas');
canvas.width = COLUMNS;
canvas.height = ROWS;
document.body.append(canvas);
const pen = canvas.getContext('2d') as CanvasRenderingContext2D;
const image = new ImageData(COLUMNS, ROWS);
const words = new Uint32Array(image.data.buffer);
const matrix = new Uint16Array(COLUMNS * ROWS);
const cells = await Cells.fetch();

/** Everything moves to the left by one; what comes in at the right end of each row is overwritten. */
function addColumn(): void {
  const column = cells.next();
  matrix.copyWithin(0, 1);
  for (let row = 0; row < ROWS; row += 1) matrix[row * COLUMNS + COLUMNS - 1] = column[row] as number;
}

function paint(): void {
  const { table } = cells;
  for (let i = 0; i < matrix.length; i += 1) words[i] = table[matrix[i] as number] as number;
  pen.putImageData(image, 0, 0);
}

for (let i = 0; i < COLUMNS; i += 1) addColumn();
paint();

globalThis.scrollColumns = async (frames) => {
  await eachFrame(frames, () => {
    addColumn();
    paint();
  });
  return { frames, columns: COLUMNS, rows: ROWS };
};
