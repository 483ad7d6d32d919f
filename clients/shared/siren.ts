/** The siren: made from oscillators, so there is no file to miss; it rings until told otherwise. */

const LOW_HZ = 620;
const HIGH_HZ = 980;
const SWEEP_S = 0.45;
const LOUDNESS = 0.28;

export class Siren {
  #context: AudioContext | null = null;
  #voice: OscillatorNode | null = null;

  /** True once the browser lets sound out; it does so only after the person's first click. */
  get allowed(): boolean {
    return this.#context?.state === "running";
  }

  /** Call from a click. Answers whether sound is allowed now. */
  async allow(): Promise<boolean> {
    this.#context ??= new AudioContext();
    // A browser that refuses leaves this promise open, so it is not waited for beyond a moment.
    await Promise.race([this.#context.resume(), new Promise((done) => setTimeout(done, 300))]);
    return this.allowed;
  }

  ring(on: boolean): void {
    if (on && this.allowed) this.#start();
    if (!on) this.#stop();
  }

  #start(): void {
    if (this.#voice !== null || this.#context === null) return;
    const context = this.#context;
    const voice = new OscillatorNode(context, { type: "square", frequency: LOW_HZ });
    const wail = new OscillatorNode(context, { type: "triangle", frequency: 1 / (2 * SWEEP_S) });
    const depth = new GainNode(context, { gain: (HIGH_HZ - LOW_HZ) / 2 });
    const volume = new GainNode(context, { gain: LOUDNESS });
    voice.frequency.value = (LOW_HZ + HIGH_HZ) / 2;
    wail.connect(depth).connect(voice.frequency);
    voice.connect(volume).connect(context.destination);
    voice.onended = () => wail.stop();
    voice.start();
    wail.start();
    this.#voice = voice;
  }

  #stop(): void {
    this.#voice?.stop();
    this.#voice = null;
  }
}
