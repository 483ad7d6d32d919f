/** What lies on the map beside the present: where alarms were, and a finished one played again. */

import { type Frame, frameAt, spanOf, type Way } from "@cas/shared/replay";
import type { AlarmView, Heat } from "@cas/shared/wire";
import { heat, tracks } from "./past_acts";
import { namesIn } from "./story";

const HEAT_EVERY_MS = 60_000;
const STEP_MS = 100;
/** Whatever an alarm took, its replay takes this long. */
const PLAYED_IN_MS = 20_000;

export interface Replay {
  readonly alarm: AlarmView;
  readonly ways: readonly Way[];
  readonly cut: boolean;
  readonly fromMs: number;
  readonly untilMs: number;
}

export class LookingBack {
  heat = $state.raw<Heat | null>(null);
  heatOn = $state(false);
  heatFailed = $state(false);
  replay = $state.raw<Replay | null>(null);
  atMs = $state(0);
  playing = $state(false);
  #heatTimer: ReturnType<typeof setInterval> | undefined;
  #playTimer: ReturnType<typeof setInterval> | undefined;

  readonly frame = $derived<Frame | null>(this.replay === null ? null : this.#frame(this.replay));

  swapHeat(): void {
    this.heatOn = !this.heatOn;
    clearInterval(this.#heatTimer);
    this.heat = null;
    if (!this.heatOn) return;
    void this.#readHeat();
    this.#heatTimer = setInterval(() => void this.#readHeat(), HEAT_EVERY_MS);
  }

  async fetch(alarm: AlarmView, reason: string): Promise<Replay> {
    const shown = await tracks(alarm.id, reason);
    const [fromMs, untilMs] = spanOf(alarm.raised_at, alarm.closed?.by.at ?? null, shown.tracks);
    return { alarm, ways: shown.tracks, cut: shown.cut, fromMs, untilMs };
  }

  begin(replay: Replay): void {
    this.replay = replay;
    this.atMs = replay.fromMs;
  }

  swapPlaying(): void {
    const { replay } = this;
    if (replay === null) return;
    this.playing = !this.playing;
    clearInterval(this.#playTimer);
    if (!this.playing) return;
    if (this.atMs >= replay.untilMs) this.atMs = replay.fromMs;
    const step = ((replay.untilMs - replay.fromMs) * STEP_MS) / PLAYED_IN_MS;
    this.#playTimer = setInterval(() => {
      this.atMs = Math.min(replay.untilMs, this.atMs + step);
      if (this.atMs >= replay.untilMs) this.swapPlaying();
    }, STEP_MS);
  }

  end(): void {
    if (this.playing) this.swapPlaying();
    this.replay = null;
  }

  stop(): void {
    clearInterval(this.#heatTimer);
    clearInterval(this.#playTimer);
  }

  #frame({ alarm, ways }: Replay): Frame {
    const names = namesIn(alarm);
    return frameAt(this.atMs, ways, alarm.where.place, (id) => names.get(id) ?? "");
  }

  async #readHeat(): Promise<void> {
    try {
      const found = await heat();
      if (this.heatOn) this.heat = found;
      this.heatFailed = false;
    } catch {
      this.heatFailed = true;
    }
  }
}
