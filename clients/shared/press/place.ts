/** Where the person is, as soon as the browser knows, and never something to wait for. */

import type { Position } from "./wallet";

export class Whereabouts {
  #latest: Position | null = null;
  #watch: number | null = null;
  onFix: ((position: Position) => void) | null = null;

  /** Asks for permission the first time; without it the press goes anyway. */
  start(): void {
    if (this.#watch !== null || !("geolocation" in navigator)) return;
    this.#watch = navigator.geolocation.watchPosition(
      ({ coords, timestamp }) =>
        this.#found({
          lat: coords.latitude,
          lon: coords.longitude,
          accuracy_m: Math.min(coords.accuracy, 100_000),
          fixedAtMs: timestamp,
        }),
      () => undefined,
      { enableHighAccuracy: true, maximumAge: 10_000 },
    );
  }

  stop(): void {
    if (this.#watch !== null) navigator.geolocation.clearWatch(this.#watch);
    this.#watch = null;
  }

  get latest(): Position | null {
    return this.#latest;
  }

  #found(position: Position): void {
    this.#latest = position;
    this.onFix?.(position);
  }
}
