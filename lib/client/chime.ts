/** A short tone. Browsers let a page sound only after somebody has pressed something on it. */

const HERTZ = 880;
const SECONDS = 0.18;
/** Of the middle. */
const LOUDNESS = 0.08;
const VOLUME_MIDDLE = 0.5;

export class Chime {
  private readonly context = new AudioContext();

  /** @param loudness 0 to 1 */
  ring(loudness = VOLUME_MIDDLE): void {
    if (loudness <= 0) return;
    const { context } = this;
    const tone = context.createOscillator();
    const volume = context.createGain();
    tone.frequency.value = HERTZ;
    volume.gain.setValueAtTime((LOUDNESS * loudness) / VOLUME_MIDDLE, context.currentTime);
    volume.gain.exponentialRampToValueAtTime(0.0001, context.currentTime + SECONDS);
    tone.connect(volume).connect(context.destination);
    tone.start();
    tone.stop(context.currentTime + SECONDS);
  }

  /** A page that was loaded again may sound once somebody has pressed something on it. */
  wake(): void {
    if (this.context.state === 'suspended') void this.context.resume();
  }

  stop(): void {
    void this.context.close();
  }
}
