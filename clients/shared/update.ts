/** Makes a page open without network, and take a new version when nobody is in the middle of anything. */

const LOOK_EVERY_MS = 3_600_000;
const QUIET_EVERY_MS = 1_000;
const NOT_TYPED = ["checkbox", "radio", "range"];

export interface Taking {
  /** A new version lies ready. */
  readonly onOffered: () => void;
  /** The app's own word on whether a reload would disturb anybody now. */
  readonly mayReload: () => boolean;
}

export class Updates {
  readonly #taking: Taking;
  readonly #ended = new AbortController();
  readonly #hands = new Hands(this.#ended.signal);
  #registration: ServiceWorkerRegistration | undefined;
  #wanted: ReturnType<typeof setInterval> | undefined;

  constructor(taking: Taking) {
    this.#taking = taking;
  }

  /** Waits until the page is loaded, so that nobody's first look is slower. */
  start(): () => void {
    if ("serviceWorker" in navigator && import.meta.env.PROD) {
      if (document.readyState === "complete") void this.#register();
      else addEventListener("load", () => void this.#register(), { signal: this.#ended.signal });
    }
    return () => {
      clearInterval(this.#wanted);
      this.#ended.abort();
    };
  }

  /** Taken at once, or as soon as nothing typed would be lost; true when it has to wait. */
  take(): boolean {
    if (this.#takeIfQuiet()) return false;
    this.#wanted ??= setInterval(() => this.#takeIfQuiet(), QUIET_EVERY_MS);
    return true;
  }

  async #register(): Promise<void> {
    const scope = import.meta.env.BASE_URL;
    try {
      await navigator.serviceWorker.register(`${scope}sw.js`, { scope, updateViaCache: "none" });
      this.#registration = await navigator.serviceWorker.getRegistration(scope);
    } catch {
      return; // The page works without; the next visit tries again.
    }
    if (this.#registration !== undefined) this.#watch(this.#registration);
  }

  #watch(registration: ServiceWorkerRegistration): void {
    const { signal } = this.#ended;
    registration.addEventListener("updatefound", () => this.#follow(registration.installing), {
      signal,
    });
    this.#follow(registration.installing);
    this.#offerIfWaiting();
    this.#noticeOtherTabs();
    const look = (): void => {
      if (document.visibilityState === "visible") void registration.update().catch(() => undefined);
    };
    const every = setInterval(look, LOOK_EVERY_MS);
    signal.addEventListener("abort", () => clearInterval(every));
    document.addEventListener("visibilitychange", look, { signal });
  }

  /** Another tab of this app took the new version: what this one has not loaded yet is gone. */
  #noticeOtherTabs(): void {
    const worker = navigator.serviceWorker;
    let isFirst = worker.controller === null;
    const changed = (): void => {
      if (!isFirst) this.#taking.onOffered();
      isFirst = false;
    };
    worker.addEventListener("controllerchange", changed, { signal: this.#ended.signal });
  }

  #follow(worker: ServiceWorker | null): void {
    worker?.addEventListener("statechange", () => this.#offerIfWaiting());
  }

  #offerIfWaiting(): void {
    // The first version of all waits for nobody.
    if (this.#registration?.waiting && this.#registration.active) this.#taking.onOffered();
  }

  #takeIfQuiet(): boolean {
    if (!this.#hands.quiet || !this.#taking.mayReload()) return false;
    clearInterval(this.#wanted);
    const waiting = this.#registration?.waiting;
    if (waiting) {
      navigator.serviceWorker.addEventListener("controllerchange", () => location.reload());
      waiting.postMessage("take over");
    } else {
      location.reload();
    }
    return true;
  }
}

/** What somebody has typed and not sent, and a finger that is down. */
class Hands {
  readonly #typed = new Set<HTMLInputElement | HTMLTextAreaElement>();
  #down = false;

  constructor(signal: AbortSignal) {
    const options = { capture: true, passive: true, signal };
    document.addEventListener("input", (event) => this.#note(event.target), options);
    document.addEventListener("pointerdown", () => this.#hold(true), options);
    document.addEventListener("pointerup", () => this.#hold(false), options);
    document.addEventListener("pointercancel", () => this.#hold(false), options);
  }

  get quiet(): boolean {
    for (const field of this.#typed) {
      // Sent or given up: its form was emptied, or is gone.
      if (!field.isConnected || field.value === "") this.#typed.delete(field);
    }
    return !this.#down && this.#typed.size === 0;
  }

  #note(field: EventTarget | null): void {
    const isField = field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement;
    if (isField && !NOT_TYPED.includes(field.type)) this.#typed.add(field);
  }

  #hold(down: boolean): void {
    this.#down = down;
  }
}
