/**
 * Recorded markets, replayed by the exchange through the brokers' bytes: what the picture and the crosshair say is what is stored.
 * The pictures are kept, to be looked at: walls, what is pulled, and trades are to be recognised.
 */
import { existsSync } from 'node:fs';
import type { InstrumentSummary } from '../../../lib/core/instrument.ts';
import { formatIstDate, istMidnightUs } from '../../../lib/core/ist.ts';
import { Instance } from '../../support/instance.ts';
import { sharedPath } from '../../support/shared.ts';
import { expect, test } from '../support/fixtures.ts';
import { xOf, yOf } from '../support/live-page.ts';
import { keepScreen } from '../support/reading.ts';
import { expectSameAsStored } from '../support/same-as-stored.ts';

const US_PER_SECOND = 1_000_000;
const MARKET_SECONDS = 12;
const START_MS_MAX = 180_000;

/** From the best bid downwards. */
const ROWS = 6;

const RECORDINGS = [
  { name: 'ETHUSDT', file: ['data', 'binance-spot-ethusdt-20240808', 'raw.jsonl.gz'], fromUs: 0, speed: 1 },
  // Of Shanghai from half past nine, 30 s into continuous trading.
  { name: 'Shanghai', file: ['data', 'sse-l3-20230711', '600536sh_events.csv.gz'], fromUs: 1_689_039_030e6, speed: 4 },
] as const;

for (const { name, file, fromUs, speed } of RECORDINGS) {
  const recording = sharedPath(...file);
  test(`${name} on the screen is what is stored`, async ({ page, live }, info) => {
    test.skip(!existsSync(recording), `no shared/${file.join('/')} beside the checkout`);
    test.setTimeout(info.timeout + START_MS_MAX);
    const instance = await Instance.start(['--market', `replay:${recording}`]);
    try {
      await reach(instance, fromUs, speed);
      const instrument = await onlyInstrument(instance);
      await live.openLive(instrument.slug, instance.appUrl);
      const startUs = (await live.stats()).paintedUs;
      const endUs = startUs + MARKET_SECONDS * US_PER_SECOND;
      await expect
        .poll(async () => (await live.stats()).paintedUs, { timeout: 60_000 })
        .toBeGreaterThan(endUs + US_PER_SECOND);
      await live.hold();
      const view = await live.view();
      const { rowTicks, columnUs } = view;
      const stretch = { fromUs: startUs, toUs: endUs };
      expect(await expectSameAsStored(live, instance, instrument, { ...stretch, rowTicks })).toBeGreaterThan(100);

      const timeUs = Math.floor(endUs / columnUs) * columnUs - columnUs / 2;
      const { bestBid } = await live.probe({ timeUs, priceUnits: view.centrePrice, rowTicks });
      let bids = 0;
      for (let row = 0; row < ROWS; row += 1) {
        await live.point(xOf(view, timeUs), yOf(view, (bestBid as number) - row * rowTicks * instrument.tickSize));
        await expect(async () => {
          const text = await live.crosshair.innerText();
          // A pointer stands on whole pixels: it may be in the next column or row.
          const { priceUnits, timeMs } = await live.crosshairAt();
          const atUs = istMidnightUs(formatIstDate(timeUs)) + timeMs * 1000 + columnUs / 2;
          const stored = await live.probe({ timeUs: atUs, priceUnits, rowTicks });
          expect(await live.crosshair.innerText(), 'a crosshair that has arrived').toBe(text);
          expect(bidOf(text), `bid at ${priceUnits}`).toBe(stored.bidQuantity);
          bids += stored.bidQuantity ?? 0;
        }).toPass();
      }
      expect(bids, 'bids below the best').toBeGreaterThan(0);
      await keepScreen(page, `real-data-${name}`, info);
    } finally {
      await page.goto('about:blank');
      await instance.stop();
    }
  });
}

/** Lets the recording run fast up to a time of its own, and then as fast as it is to be seen. */
async function reach(instance: Instance, fromUs: number, speed: number): Promise<void> {
  const marketUs = async (): Promise<number> =>
    (await instance.exchange<{ market_us: number }>('/control/state')).market_us;
  if ((await marketUs()) < fromUs) await instance.control('speed', { speed: 100 });
  await expect.poll(marketUs, { timeout: 60_000 }).toBeGreaterThan(fromUs);
  await instance.control('speed', { speed });
}

async function onlyInstrument({ appUrl }: Instance): Promise<InstrumentSummary> {
  const response = await fetch(`${appUrl}/api/instruments`);
  const { instruments } = (await response.json()) as { instruments: InstrumentSummary[] };
  const [only] = instruments;
  if (!only || instruments.length > 1) throw new Error(`a recording has one instrument, not ${instruments.length}`);
  return only;
}

/** `4,773` of `Bid 4,773 shares`. */
const bidOf = (text: string): number => Number(/Bid\s+([\d,]+)/.exec(text)?.[1]?.replaceAll(',', ''));
