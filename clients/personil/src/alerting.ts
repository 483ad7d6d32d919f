/** What makes a call heard and felt, and what keeps the screen on while on duty. */

import { Siren } from "@cas/shared/siren";

const BUZZ_EVERY_MS = 1_500;
const BUZZ = [500, 150, 500];

/** Sound and vibration until told otherwise. */
export class Bell {
  readonly #siren = new Siren();
  #timer: ReturnType<typeof setInterval> | undefined;
  #on = false;

  get allowed(): boolean {
    return this.#siren.allowed;
  }

  /** Call from a tap: a browser lets sound out only then. */
  async allow(): Promise<boolean> {
    const allowed = await this.#siren.allow();
    this.#siren.ring(this.#on);
    return allowed;
  }

  ring(on: boolean): void {
    if (on === this.#on) return;
    this.#on = on;
    this.#siren.ring(on);
    clearInterval(this.#timer);
    if (!on) {
      navigator.vibrate?.(0);
      return;
    }
    navigator.vibrate?.(BUZZ);
    this.#timer = setInterval(() => navigator.vibrate?.(BUZZ), BUZZ_EVERY_MS);
  }
}

/** The screen stays on while this is wanted and the page is seen; a browser may refuse. */
export class Awake {
  #lock: WakeLockSentinel | null = null;
  #wanted = false;
  readonly #told: (held: boolean) => void;

  constructor(told: (held: boolean) => void) {
    this.#told = told;
  }

  start(): () => void {
    const seen = (): void => void this.#hold();
    document.addEventListener("visibilitychange", seen);
    return () => {
      document.removeEventListener("visibilitychange", seen);
      this.want(false);
    };
  }

  want(wanted: boolean): void {
    if (wanted === this.#wanted) return;
    this.#wanted = wanted;
    if (wanted) void this.#hold();
    else void this.#lock?.release();
  }

  async #hold(): Promise<void> {
    if (!this.#wanted || document.visibilityState !== "visible" || this.#lock !== null) return;
    try {
      // Missing on pages without TLS, refused when the battery is low.
      const lock = await navigator.wakeLock.request("screen");
      this.#lock = lock;
      this.#told(true);
      lock.addEventListener("release", () => {
        this.#lock = null;
        this.#told(false);
      });
      if (!this.#wanted) void lock.release();
    } catch {
      this.#told(false);
    }
  }
}
