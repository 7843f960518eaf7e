import { deflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { layoutFromText, layoutToText } from './layout-link.ts';
import { addPane, EMPTY_LAYOUT, type Layout, type PaneSpec } from './workspace-layout.ts';

const KINDS = ['heatmap'];
const pane = (id: string): PaneSpec => ({
  id,
  kind: 'heatmap',
  group: 'b',
  instrument: null,
  settings: { rowTicks: 5 },
});
const layout: Layout = {
  ...addPane(addPane(EMPTY_LAYOUT, pane('p1'), null, 'right'), pane('p2'), 'p1', 'bottom'),
  groups: { b: 'NFO:NIFTY26DECFUT' },
};
const packed = (text: string) => deflateRawSync(text).toString('base64url');

describe('a layout in an address', () => {
  it('comes out as it went in, in letters that an address may have', async () => {
    const text = await layoutToText(layout);
    expect(text).toMatch(/^[\w-]+$/);
    expect(text.length).toBeLessThan(JSON.stringify(layout).length);
    expect(await layoutFromText(text, KINDS)).toEqual(layout);
  });

  it('is checked like a file', async () => {
    await expect(layoutFromText(packed('{"version":9}'), KINDS)).rejects.toThrow('Its version is 9');
  });

  it('says so when it is damaged, too long, or a trap', async () => {
    const text = await layoutToText(layout);
    await expect(layoutFromText(text.slice(0, -20), KINDS)).rejects.toThrow('damaged');
    await expect(layoutFromText('%%%', KINDS)).rejects.toThrow('damaged');
    await expect(layoutFromText(packed('no JSON'), KINDS)).rejects.toThrow('damaged');
    await expect(layoutFromText('A'.repeat(20_000), KINDS)).rejects.toThrow('too long');
    await expect(layoutFromText(packed(' '.repeat(10_000_000)), KINDS)).rejects.toThrow('too large');
  });
});
