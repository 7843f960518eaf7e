/** A layout in an address: its JSON, deflated, in letters that an address may have. */
import { type Layout, LayoutError, readLayout } from './workspace-layout.ts';

/** A layout of 24 panes with all their settings is shorter; what is longer was not made here. */
const TEXT_CHARS_MAX = 16_000;
/** Unpacked. A short text can be made to unpack to anything. */
const JSON_BYTES_MAX = 256_000;

export async function layoutToText(layout: Layout): Promise<string> {
  const packed = new Blob([JSON.stringify(layout)]).stream().pipeThrough(new CompressionStream('deflate-raw'));
  const bytes = new Uint8Array(await new Response(packed).arrayBuffer());
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}

/** @throws LayoutError */
export async function layoutFromText(text: string, kinds: readonly string[]): Promise<Layout> {
  if (text.length > TEXT_CHARS_MAX) throw new LayoutError('The address is too long to be that of a layout.');
  let value: unknown;
  try {
    value = JSON.parse(await unpacked(text));
  } catch (error) {
    if (error instanceof LayoutError) throw error;
    throw new LayoutError('The address is damaged: a part of it may be missing.');
  }
  return readLayout(value, kinds);
}

async function unpacked(text: string): Promise<string> {
  const bytes = Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (char) => char.charCodeAt(0));
  const reader = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate-raw')).getReader();
  const decoder = new TextDecoder();
  let json = '';
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return json + decoder.decode();
    size += value.length;
    if (size > JSON_BYTES_MAX) {
      await reader.cancel();
      throw new LayoutError('The layout in the address is too large.');
    }
    json += decoder.decode(value, { stream: true });
  }
}
