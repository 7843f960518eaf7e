/** The font of numbers, for where the page's style sheets do not reach. */

const MONO_FAMILY = 'JetBrains Mono Variable';
const MONO_WEIGHTS = '100 800';

/** Gives a worker the font that the page has from its style sheet: the same file, so it is fetched once. */
export async function loadWorkerFonts(fonts: FontFaceSet): Promise<void> {
  const file = new URL(
    '@fontsource-variable/jetbrains-mono/files/jetbrains-mono-latin-wght-normal.woff2',
    import.meta.url,
  );
  const face = new FontFace(MONO_FAMILY, `url(${file})`, { weight: MONO_WEIGHTS });
  fonts.add(await face.load());
}
