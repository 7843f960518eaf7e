/** A short tone. Browsers let a page sound only after somebody has pressed something on it. */

const HERTZ = 880;
const SECONDS = 0.18;
const LOUDNESS = 0.08;

export class Chime {
  private readonly context = new AudioContext();

  ring(): void {
    const { context } = this;
    const tone = context.createOscillator();
    const volume = context.createGain();
    tone.frequency.value = HERTZ;
    volume.gain.setValueAtTime(LOUDNESS, context.currentTime);
    volume.gain.exponentialRampToValueAtTime(0.0001, context.currentTime + SECONDS);
    tone.connect(volume).connect(context.destination);
    tone.start();
    tone.stop(context.currentTime + SECONDS);
  }

  stop(): void {
    void this.context.close();
  }
}
