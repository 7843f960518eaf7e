/** Pixels are read as they are: a picture whose every pixel is known, at both of the pixel ratios that are tested. */
import { expect, test } from '@playwright/test';
import { Picture } from '../support/picture.ts';

const WIDTH = 96;
const HEIGHT = 64;
/** Where one part of the picture ends and the next begins. */
const [FLAT_BELOW, RAMPS_BELOW] = [16, 40];

/** Flat parts, ramps along both axes and noise: a PNG's encoder takes another filter for each. */
function colourAt(x: number, y: number): [number, number, number] {
  if (y < FLAT_BELOW) return [11, 14, 17];
  if (y < RAMPS_BELOW) return [x * 2, y * 4, (x + y) % 256];
  const noise = (x * 7919 + y * 104_729) % 16_777_213;
  return [noise & 0xff, (noise >> 8) & 0xff, (noise >> 16) & 0xff];
}

for (const deviceScaleFactor of [1, 2]) {
  test.describe(`at ${deviceScaleFactor} device pixels to one of CSS`, () => {
    test.use({ deviceScaleFactor });

    test('every pixel is the one that was drawn', async ({ page }) => {
      const [width, height] = [WIDTH * deviceScaleFactor, HEIGHT * deviceScaleFactor];
      await page.setContent(
        `<canvas width="${width}" height="${height}" style="display:block;width:${WIDTH}px;height:${HEIGHT}px"></canvas>`,
      );
      const colours = Array.from({ length: width * height }, (_, i) =>
        colourAt((i % width) / deviceScaleFactor, Math.floor(i / width) / deviceScaleFactor).map(Math.floor),
      );
      const canvas = page.locator('canvas');
      await canvas.evaluate((element: HTMLCanvasElement, drawn) => {
        const pen = element.getContext('2d');
        const image = new ImageData(element.width, element.height);
        drawn.forEach((colour, i) => {
          image.data.set([...colour, 255], i * 4);
        });
        pen?.putImageData(image, 0, 0);
      }, colours);
      const picture = await Picture.of(canvas);
      const wrong = colours.filter((colour, i) => {
        const x = ((i % width) + 0.5) / deviceScaleFactor;
        const y = (Math.floor(i / width) + 0.5) / deviceScaleFactor;
        return picture.at(x, y).join() !== colour.join();
      });
      expect(wrong).toHaveLength(0);
    });
  });
}

test('areas are counted whole', async ({ page }) => {
  await page.setContent(
    '<div style="width:40px;height:20px;background:linear-gradient(to right, #ff0000 50%, #0000ff 50%)"></div>',
  );
  const picture = await Picture.of(page.locator('div'));
  const whole = { x: 0, y: 0, width: 40, height: 20 };
  expect(picture.share(whole, ([red]) => red === 255)).toBe(0.5);
  expect(picture.share({ ...whole, width: 20 }, ([red]) => red === 255)).toBe(1);
  expect(picture.colours(whole)).toBe(2);
  expect(picture.changed(picture, whole)).toBe(0);
  expect(() => picture.at(41, 0)).toThrow(RangeError);
});
