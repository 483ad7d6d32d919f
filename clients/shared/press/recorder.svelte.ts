/** One short sound, recorded because somebody asked for it: never by itself, never longer than said. */

export const LONGEST_S = 30;
/** Speech is understood at this, and a weak network carries it. */
const BITS_PER_S = 32_000;
const BEAT_MS = 250;
/** Those the server takes, the first that this browser can make. */
const FORMS = ["audio/webm;codecs=opus", "audio/mp4", "audio/ogg;codecs=opus"];

/** "denied": the person or the phone says no; "missing": there is nothing to record with. */
export type Hindrance = "denied" | "missing";

export class Recorder {
  phase = $state<"idle" | "asking" | "recording">("idle");
  seconds = $state(0);
  #recorder: MediaRecorder | null = null;
  #gone = false;

  static get isThere(): boolean {
    return "MediaRecorder" in window && navigator.mediaDevices !== undefined;
  }

  /** What was said, once it is stopped or full; null when nothing is to be kept. */
  async record(): Promise<Blob | null> {
    this.phase = "asking";
    this.seconds = 0;
    try {
      const heard = await navigator.mediaDevices.getUserMedia({ audio: true });
      try {
        return this.#gone ? null : await this.#taken(heard);
      } finally {
        // The phone shows as long as somebody listens: not a moment longer.
        for (const track of heard.getTracks()) track.stop();
      }
    } finally {
      this.#recorder = null;
      this.phase = "idle";
    }
  }

  stop(): void {
    if (this.#recorder?.state === "recording") this.#recorder.stop();
  }

  /** The screen is gone: what was said until now is not kept. */
  abandon(): void {
    this.#gone = true;
    this.stop();
  }

  #taken(heard: MediaStream): Promise<Blob | null> {
    const mimeType = FORMS.find((form) => MediaRecorder.isTypeSupported(form));
    const recorder = new MediaRecorder(heard, {
      audioBitsPerSecond: BITS_PER_S,
      ...(mimeType !== undefined && { mimeType }),
    });
    const parts: Blob[] = [];
    const began = performance.now();
    const beat = setInterval(() => {
      this.seconds = Math.floor((performance.now() - began) / 1_000);
      if (this.seconds >= LONGEST_S) this.stop();
    }, BEAT_MS);
    this.#recorder = recorder;
    return new Promise((done) => {
      recorder.ondataavailable = ({ data }) => parts.push(data);
      recorder.onstop = () => {
        clearInterval(beat);
        done(this.#gone ? null : new Blob(parts, { type: recorder.mimeType }));
      };
      recorder.start();
      this.phase = "recording";
    });
  }
}

export function hindrance(error: unknown): Hindrance {
  const name = error instanceof DOMException ? error.name : "";
  return name === "NotAllowedError" || name === "SecurityError" ? "denied" : "missing";
}
