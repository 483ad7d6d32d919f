/** The siren: made from oscillators, so there is no file to miss; it rings until told otherwise. */

const LOW_HZ = 620;
const HIGH_HZ = 980;
const SWEEP_S = 0.45;
const LOUDNESS = 0.28;
/** Beneath a spoken sentence: still heard, and the words are, too. */
const SOFT = 0.06;
const CHIME_HZ = [660, 440] as const;
const CHIME_S = 0.18;

export class Siren {
  #context: AudioContext | null = null;
  #voice: OscillatorNode | null = null;
  #volume: GainNode | null = null;
  #loudness = LOUDNESS;

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

  /** Lower the siren while somebody speaks; it never goes silent. */
  soften(soft: boolean): void {
    this.#loudness = soft ? SOFT : LOUDNESS;
    if (this.#volume !== null) this.#volume.gain.value = this.#loudness;
  }

  /** Two falling notes: something is wrong, and nobody is in danger by it. */
  chime(): void {
    const context = this.#context;
    if (context === null || !this.allowed) return;
    for (const [nth, frequency] of CHIME_HZ.entries()) {
      const note = new OscillatorNode(context, { type: "sine", frequency });
      note.connect(new GainNode(context, { gain: LOUDNESS })).connect(context.destination);
      note.start(context.currentTime + nth * CHIME_S);
      note.stop(context.currentTime + (nth + 1) * CHIME_S);
    }
  }

  #start(): void {
    if (this.#voice !== null || this.#context === null) return;
    const context = this.#context;
    const voice = new OscillatorNode(context, { type: "square", frequency: LOW_HZ });
    const wail = new OscillatorNode(context, { type: "triangle", frequency: 1 / (2 * SWEEP_S) });
    const depth = new GainNode(context, { gain: (HIGH_HZ - LOW_HZ) / 2 });
    const volume = new GainNode(context, { gain: this.#loudness });
    voice.frequency.value = (LOW_HZ + HIGH_HZ) / 2;
    wail.connect(depth).connect(voice.frequency);
    voice.connect(volume).connect(context.destination);
    voice.onended = () => wail.stop();
    voice.start();
    wail.start();
    this.#voice = voice;
    this.#volume = volume;
  }

  #stop(): void {
    this.#voice?.stop();
    this.#voice = null;
    this.#volume = null;
  }
}
