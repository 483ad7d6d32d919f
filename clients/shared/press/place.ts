/** Where the person is, as soon as the browser knows, and never something to wait for. */

import type { Position } from "./wallet";

/** What is known of it: nothing yet, a place, that the person forbids it, or that the phone fails. */
export type Sight = "seeking" | "known" | "denied" | "lost";

export class Whereabouts {
  #latest: Position | null = null;
  #watch: number | null = null;
  onFix: ((position: Position) => void) | null = null;
  /** All that the browser said last, with speed and heading: for who is on duty. */
  onReading: ((reading: GeolocationPosition) => void) | null = null;
  onSight: ((sight: Sight) => void) | null = null;
  #reading: GeolocationPosition | null = null;
  #permission: PermissionStatus | null = null;

  /** Asks for permission the first time; without it the press goes anyway. */
  start(): void {
    if (this.#watch !== null) return;
    if (!("geolocation" in navigator)) {
      this.onSight?.("lost");
      return;
    }
    this.#watch = navigator.geolocation.watchPosition(
      (reading) => this.#found(reading),
      (fault) => this.#failed(fault),
      { enableHighAccuracy: true, maximumAge: 10_000 },
    );
    void this.#heedPermission();
  }

  stop(): void {
    if (this.#watch !== null) navigator.geolocation.clearWatch(this.#watch);
    this.#watch = null;
  }

  /** A watch that was refused stays dead: whoever allows it afterwards needs a new one. */
  again(): void {
    if (this.#watch === null) return;
    this.stop();
    this.start();
  }

  /** A phone that lies still tells nothing by itself. */
  ask(): void {
    navigator.geolocation?.getCurrentPosition(
      (reading) => this.#found(reading),
      () => undefined,
      { enableHighAccuracy: true, maximumAge: 0, timeout: 20_000 },
    );
  }

  get reading(): GeolocationPosition | null {
    return this.#reading;
  }

  get latest(): Position | null {
    return this.#latest;
  }

  async #heedPermission(): Promise<void> {
    if (this.#permission !== null) return;
    try {
      this.#permission = await navigator.permissions.query({ name: "geolocation" });
      this.#permission.onchange = () => this.again();
    } catch {
      // Browsers that tell nothing of it: asked again when the page is seen again.
    }
  }

  #failed({ code }: GeolocationPositionError): void {
    if (code === GeolocationPositionError.TIMEOUT) return;
    const denied = code === GeolocationPositionError.PERMISSION_DENIED;
    this.onSight?.(denied ? "denied" : "lost");
  }

  #found(reading: GeolocationPosition): void {
    this.onSight?.("known");
    const { coords, timestamp } = reading;
    this.#reading = reading;
    this.#latest = {
      lat: coords.latitude,
      lon: coords.longitude,
      accuracy_m: Math.min(coords.accuracy, 100_000),
      fixedAtMs: timestamp,
    };
    this.onFix?.(this.#latest);
    this.onReading?.(reading);
  }
}
