/** Where the person is, as soon as the browser knows, and never something to wait for. */

import type { Position } from "./wallet";

export class Whereabouts {
  #latest: Position | null = null;
  #watch: number | null = null;
  onFix: ((position: Position) => void) | null = null;
  /** All that the browser said last, with speed and heading: for who is on duty. */
  onReading: ((reading: GeolocationPosition) => void) | null = null;
  #reading: GeolocationPosition | null = null;

  /** Asks for permission the first time; without it the press goes anyway. */
  start(): void {
    if (this.#watch !== null || !("geolocation" in navigator)) return;
    this.#watch = navigator.geolocation.watchPosition(
      (reading) => this.#found(reading),
      () => undefined,
      { enableHighAccuracy: true, maximumAge: 10_000 },
    );
  }

  stop(): void {
    if (this.#watch !== null) navigator.geolocation.clearWatch(this.#watch);
    this.#watch = null;
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

  #found(reading: GeolocationPosition): void {
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
