/** Where the officer is while on duty: over the socket when it lives, kept for later when not. */

import { keeper } from "@cas/shared/keeper";
import type { Fix } from "@cas/shared/live.gen";
import type { Whereabouts } from "@cas/shared/press/place";
import { type KeptFix, MOST_FIXES, withFix, without } from "./fixes";

const KEY = "cas.personil.fixes";
/** Between two that are sent, and between two that are kept. */
const SEND_EVERY_MS = 2_000;
const KEEP_EVERY_MS = 5_000;
/** Whoever lies in wait is still where they are; at 120 s the server calls a position old. */
const ASK_EVERY_MS = 30_000;

export interface Sending {
  /** False when there is no live connection. */
  readonly now: (fix: Fix) => boolean;
  readonly later: (fixes: KeptFix[]) => Promise<void>;
  readonly batteryPercent: () => number | null;
  readonly whereabouts: Whereabouts;
}

export class Tracker {
  readonly #sending: Sending;
  latest = $state.raw<KeptFix | null>(null);
  kept = $state.raw<readonly KeptFix[]>(remembered());
  full = $state(false);
  #asking: ReturnType<typeof setInterval> | undefined;
  #toldAtMs = 0;
  /** Sent since the server was last heard: nobody knows whether they arrived. */
  #unheard: KeptFix[] = [];
  #flushing = false;

  constructor(sending: Sending) {
    this.#sending = sending;
  }

  start(): void {
    if (this.#asking !== undefined) return;
    const { whereabouts } = this.#sending;
    whereabouts.onReading = (reading) => this.#found(reading);
    if (whereabouts.reading !== null) this.#found(whereabouts.reading);
    this.#asking = setInterval(() => {
      const at = this.latest?.fixed_at ?? 0;
      if (Date.now() - new Date(at).getTime() > ASK_EVERY_MS) whereabouts.ask();
    }, ASK_EVERY_MS);
  }

  /** Off duty nothing is sent, and nothing is kept. */
  stop(): void {
    this.#sending.whereabouts.onReading = null;
    clearInterval(this.#asking);
    this.#asking = undefined;
    this.latest = null;
    this.#unheard = [];
    this.#keep([]);
    this.full = false;
  }

  heard(): void {
    this.#unheard = [];
  }

  /** The connection is gone: what it may have swallowed goes the other way. */
  lost(): void {
    if (this.#unheard.length === 0) return;
    for (const fix of this.#unheard) this.#keep(withFix(this.kept, fix));
    this.#unheard = [];
  }

  async flush(): Promise<void> {
    const batch = [...this.kept];
    if (batch.length === 0 || this.#flushing) return;
    this.#flushing = true;
    try {
      await this.#sending.later(batch);
      this.#keep(without(this.kept, batch));
      this.full = false;
    } catch {
      // Kept, and sent with the next connection.
    } finally {
      this.#flushing = false;
    }
  }

  #found({ coords, timestamp }: GeolocationPosition): void {
    const fix: KeptFix = {
      lat: coords.latitude,
      lon: coords.longitude,
      accuracy_m: Math.min(coords.accuracy, 100_000),
      speed_mps: usable(coords.speed),
      heading_deg: usable(coords.heading),
      battery_percent: this.#sending.batteryPercent(),
      mock: false,
      fixed_at: new Date(timestamp).toISOString(),
    };
    this.latest = fix;
    const sinceMs = Date.now() - this.#toldAtMs;
    if (sinceMs < SEND_EVERY_MS) return;
    if (this.#sending.now({ type: "fix", ...fix })) {
      this.#unheard.push(fix);
    } else if (sinceMs >= KEEP_EVERY_MS) {
      this.full ||= this.kept.length >= MOST_FIXES;
      this.#keep(withFix(this.kept, fix));
    } else {
      return;
    }
    this.#toldAtMs = Date.now();
  }

  #keep(fixes: readonly KeptFix[]): void {
    this.kept = fixes;
    if (fixes.length === 0) keeper.removeItem(KEY);
    else keeper.setItem(KEY, JSON.stringify(fixes));
  }
}

const usable = (told: number | null): number | null =>
  told === null || !Number.isFinite(told) || told < 0 ? null : told;

function remembered(): KeptFix[] {
  try {
    return JSON.parse(keeper.getItem(KEY) ?? "[]") as KeptFix[];
  } catch {
    return [];
  }
}
