/** a1–a3: bytes of the brokers into numbers. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { BID, MAX_LEVELS, SideLevels } from '../lib/core/side.ts';
import { DhanDepthBatch, decodeDhanDepth, encodeDhanDepth } from '../lib/wire/dhan-depth.ts';
import { decodeKiteFrame, KITE_BYTES, KITE_FIELD, KITE_WORDS, KiteBatch } from '../lib/wire/kite.ts';
import { encodeKiteFrame, kitePacket } from '../lib/wire/kite-encode.ts';
import { Random } from '../simulator/market/random.ts';
import { kiteObjects } from '../tests/support/kite-objects.ts';
import type { Bench, Metrics, Skipped } from './support/bench.ts';
import { unitsPerCpuSecond } from './support/measure.ts';

const TICKS = 100;
const SEED = 20_251_229;
const NFO_SEGMENT = 2;

/** A frame of full packets of derivatives with every field set, as the exchange sends them: below 2^31. */
function kiteFrame(): Buffer {
  const random = new Random(SEED, 0);
  return encodeKiteFrame(
    Array.from({ length: TICKS }, (_, i) => {
      const packet = kitePacket(KITE_BYTES.full);
      for (let word = 0; word < KITE_WORDS; word += 1) packet.words[word] = 1 + random.below(0x7fff_fffe);
      packet.words[KITE_FIELD.token] = (35_000 + i) * 256 + NFO_SEGMENT;
      return packet;
    }),
  );
}

/**
 * Loaded only where it is measured: with it come modules that detach an ArrayBuffer, after which V8 checks for that at
 * every access to any typed array in the process, a fifth of the decoder's time.
 */
const loadOfficial = async () => (await import('../tests/support/kite-official.ts')).officialKite;

/** Another few of the 46 words of every tick each time, so that none can be left out. */
function sumOf({ words, count }: KiteBatch, call: number): number {
  let sum = 0;
  for (let tick = 0; tick < count; tick += 1) sum += words[tick * KITE_WORDS + ((tick + call) % KITE_WORDS)] as number;
  return sum;
}

/**
 * One thread collects the garbage. Several wait for one another actively, which on a busy machine costs the variant that
 * leaves most garbage, the official parser, up to three times its CPU: no figure to compare with.
 */
const NODE_OPTIONS = ['--single-threaded-gc'];

const kite: Bench = {
  name: 'kite-frame',
  nodeOptions: NODE_OPTIONS,
  what: `A Kite frame of ${TICKS} full packets (184 bytes, 46 fields, 5 levels a side)`,
  worse:
    'At the official parser’s speed 9,000 instruments at a tick a second take a quarter of a core before anything is done with them.',
  measures: [
    { goal: 'a1', metric: 'ticks/cpu-s', variant: 'objects', per: 'kiteconnect' },
    { goal: 'a2', metric: 'ticks/cpu-s', variant: 'columns', per: 'kiteconnect' },
  ],
  variants: [
    {
      name: 'kiteconnect',
      what: 'parseBinary of the official client, npm kiteconnect 5.3.0; its objects are checked to be equal to ours.',
      async run() {
        const official = await loadOfficial();
        const bytes = kiteFrame();
        const frame = Uint8Array.from(bytes).buffer;
        const batch = new KiteBatch();
        decodeKiteFrame(bytes, batch);
        const rate = unitsPerCpuSecond(TICKS, () => official.parseBinary(frame)[TICKS - 1]?.last_price ?? Number.NaN);
        assert.deepEqual(kiteObjects(batch), official.parseBinary(frame));
        return { 'ticks/cpu-s': rate };
      },
    },
    {
      name: 'objects',
      what: 'our decoder, then the same objects from its columns.',
      run() {
        const frame = kiteFrame();
        const batch = new KiteBatch();
        return {
          'ticks/cpu-s': unitsPerCpuSecond(TICKS, () => {
            decodeKiteFrame(frame, batch);
            return kiteObjects(batch)[TICKS - 1]?.last_price ?? Number.NaN;
          }),
        };
      },
    },
    {
      name: 'columns',
      what: 'our decoder into columns of whole numbers, all 46 fields: what the collector does.',
      run() {
        const frame = kiteFrame();
        const batch = new KiteBatch();
        let call = 0;
        return {
          'ticks/cpu-s': unitsPerCpuSecond(TICKS, () => {
            decodeKiteFrame(frame, batch);
            call += 1;
            return sumOf(batch, call);
          }),
        };
      },
    },
  ],
};

/** A bid side of 200 levels as NSE's are: steps of one to four ticks, lots of 75, a few orders a level. */
function depthFrame(): Buffer {
  const random = new Random(SEED, 0);
  const side = new SideLevels();
  let price = 2_594_000;
  for (let i = 0; i < MAX_LEVELS; i += 1) {
    side.prices[i] = price;
    side.quantities[i] = 75 * (1 + random.below(40));
    side.orders[i] = 1 + random.below(12);
    price -= 5 * (1 + random.below(4));
  }
  side.count = MAX_LEVELS;
  return encodeDhanDepth(200, 2, 55_796, BID, side);
}

const dhan: Bench = {
  name: 'dhan-frame',
  nodeOptions: NODE_OPTIONS,
  what: 'A Dhan frame of one side with 200 levels (3,212 bytes)',
  worse:
    'It shows first where frames are read as fast as they can be: in a replay, a rebuild, a catching up from the journal.',
  measures: [{ goal: 'a3', metric: 'levels/cpu-s', variant: 'columns', per: 'python' }],
  variants: [
    {
      name: 'python',
      what: 'the predecessor’s loop: three struct.unpack a level and a dict for each.',
      run(): Metrics | Skipped {
        const script = path.join(import.meta.dirname, 'support', 'dhan_levels.py');
        const frame = depthFrame();
        const run = spawnSync('python3', [script], { input: frame, encoding: 'utf8' });
        if (run.error) return { skipped: `python3 could not be started: ${run.error.message}` };
        if (run.status !== 0) throw new Error(run.stderr);
        const { levels, cpuS, last } = JSON.parse(run.stdout) as {
          levels: number;
          cpuS: number;
          last: { price: number };
        };
        const batch = new DhanDepthBatch();
        decodeDhanDepth(frame, 200, batch);
        assert.equal(Math.round(last.price * 100), batch.packets[0]?.levels.prices[MAX_LEVELS - 1]);
        return { 'levels/cpu-s': levels / cpuS };
      },
    },
    {
      name: 'columns',
      what: 'our decoder: whole prices, each checked, the order of levels checked.',
      run() {
        const frame = depthFrame();
        const batch = new DhanDepthBatch();
        let call = 0;
        return {
          'levels/cpu-s': unitsPerCpuSecond(MAX_LEVELS, () => {
            decodeDhanDepth(frame, 200, batch);
            const { prices, quantities, orders } = (batch.packets[0] as (typeof batch.packets)[number]).levels;
            call = (call + 1) % MAX_LEVELS;
            return (prices[call] as number) + (quantities[call] as number) + (orders[call] as number);
          }),
        };
      },
    },
  ],
};

export const benches = [kite, dhan];
